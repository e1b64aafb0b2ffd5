package dev.mlo.cli.docker;

import dev.mlo.contract.ImageAnnotations;
import dev.mlo.contract.Labels;
import dev.mlo.contract.LayerRole;
import dev.mlo.contract.ModelCard;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import dev.mlo.oci.DockerArchive;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.ImageConfig;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the manifest of an image that `mlo` made said, told from its configuration: the card and
/// the history are all that an engine keeps of it.
public final class LostManifest {
  private LostManifest() {}

  public static DockerArchive.Notes of(ImageConfig config) {
    try {
      @Nullable String card = config.labels().get(Labels.CARD);
      List<String> history = config.history();
      if (card == null || history.size() != config.diffIds().size()) {
        return DockerArchive.Notes.NONE;
      }
      ModelCard parsed = Json.parse(card.getBytes(StandardCharsets.UTF_8), ModelCard.class);
      return new DockerArchive.Notes(
          LayerRole.of(history).stream().map(LostManifest::annotations).toList(),
          ImageAnnotations.of(parsed, config.created()));
    } catch (DocumentException | JsonFormatException e) {
      return DockerArchive.Notes.NONE;
    }
  }

  private static Map<String, String> annotations(LayerRole layer) {
    var annotations = new LinkedHashMap<String, String>();
    annotations.put(Labels.LAYER_ROLE, layer.role());
    if (!layer.format().isEmpty()) {
      annotations.put(Labels.LAYER_FORMAT, layer.format());
    }
    return annotations;
  }
}
