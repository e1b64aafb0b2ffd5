package dev.mlo.cli.docker;

import dev.mlo.contract.ImageAnnotations;
import dev.mlo.contract.Labels;
import dev.mlo.contract.ModelCard;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import dev.mlo.oci.DockerArchive;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.ImageConfig;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// What the manifest of an image that `mlo` made said, told from its configuration: the card and
/// the history are all that an engine keeps of it.
final class LostManifest {
  private static final Pattern ENGINE = Pattern.compile("mlo: engine ([a-z0-9-]+)");

  private LostManifest() {}

  static DockerArchive.Notes of(ImageConfig config) {
    try {
      @Nullable String card = config.labels().get(Labels.CARD);
      List<String> history = config.history();
      if (card == null || history.size() != config.diffIds().size()) {
        return DockerArchive.Notes.NONE;
      }
      ModelCard parsed = Json.parse(card.getBytes(StandardCharsets.UTF_8), ModelCard.class);
      return new DockerArchive.Notes(
          layers(history), ImageAnnotations.of(parsed, config.created()));
    } catch (DocumentException | JsonFormatException e) {
      return DockerArchive.Notes.NONE;
    }
  }

  /// What comes after the engine is the model's, whatever its files are called.
  private static List<Map<String, String>> layers(List<String> history) {
    var roles = new ArrayList<Map<String, String>>();
    boolean model = false;
    for (String line : history) {
      Matcher engine = ENGINE.matcher(line);
      if (!model && engine.matches()) {
        model = true;
        var both = new LinkedHashMap<String, String>();
        both.put(Labels.LAYER_ROLE, Labels.ROLE_BACKEND);
        both.put(Labels.LAYER_FORMAT, engine.group(1));
        roles.add(both);
      } else {
        roles.add(Map.of(Labels.LAYER_ROLE, model ? Labels.ROLE_MODEL : lower(line)));
      }
    }
    return roles;
  }

  private static String lower(String line) {
    return switch (line) {
      case "mlo: Java" -> Labels.ROLE_JRE;
      case "mlo: runner" -> Labels.ROLE_RUNNER;
      default -> Labels.ROLE_BASE;
    };
  }
}
