package dev.mlo.cli.promote;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.contract.Labels;
import dev.mlo.json.Json;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.Index;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// What a promotion must know of an image; its own model card says it.
record ModelImage(String name, String version, int examples) {
  /// No configuration comes near this. Bytes.
  private static final int LARGEST_CONFIG = 4 << 20;

  /// @throws DocumentException when the image carries no usable model card
  static ModelImage read(LayoutStore store, Descriptor root) throws IOException {
    byte[] bytes = store.manifest(root);
    if (MediaTypes.isIndex(root.mediaType())) {
      Index index = Index.parse(bytes);
      if (index.manifests().isEmpty()) {
        throw new DocumentException(root.digest() + " is an index that lists nothing");
      }
      Descriptor first = index.manifests().getFirst();
      if (!MediaTypes.isManifest(first.mediaType())) {
        throw new DocumentException(root.digest() + " is an index that does not list images");
      }
      bytes = store.manifest(first);
    }
    return card(config(store, Manifest.parse(bytes)), root);
  }

  private static ImageConfig config(LayoutStore store, Manifest manifest) throws IOException {
    if (manifest.config().size() > LARGEST_CONFIG) {
      throw new DocumentException(
          "the configuration is %d bytes long".formatted(manifest.config().size()));
    }
    try (InputStream in = store.blob(manifest.config())) {
      return ImageConfig.parse(in.readAllBytes());
    }
  }

  private static ModelImage card(ImageConfig config, Descriptor root) throws IOException {
    @Nullable String text = config.labels().get(Labels.CARD);
    if (text == null) {
      throw new DocumentException(
          root.digest() + " is no model image: it has no label " + Labels.CARD);
    }
    JsonNode card = Json.parse(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    String name = card.path("name").asText();
    String version = card.path("version").asText();
    if (!Names.isLabel(name) || !Names.isVersion(version)) {
      throw new DocumentException(
          "the model card of %s names `%s:%s`".formatted(root.digest(), name, version));
    }
    return new ModelImage(name, version, card.path("examples").size());
  }
}
