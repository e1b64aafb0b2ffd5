package dev.mlo.contract;

import java.util.LinkedHashMap;
import java.util.Map;

/// What the manifest of a model's image says beside its layers: it follows from the card, so
/// whoever has lost the manifest can make the same one again.
public final class ImageAnnotations {
  /// The moment of images whose build has no moment; it is not worth an annotation.
  private static final String EPOCH = "1970-01-01T00:00:00Z";

  private static final String PREFIX = "org.opencontainers.image.";

  private ImageAnnotations() {}

  /// The annotations of the OCI image specification ("Pre-Defined Annotation Keys"), in order.
  ///
  /// @param created as in the image's configuration
  public static Map<String, String> of(ModelCard card, String created) {
    var annotations = new LinkedHashMap<String, String>();
    annotations.put(PREFIX + "title", card.name());
    annotations.put(PREFIX + "version", card.version());
    if (card.description() != null) {
      annotations.put(PREFIX + "description", card.description());
    }
    if (card.license() != null) {
      annotations.put(PREFIX + "licenses", card.license());
    }
    if (!card.authors().isEmpty()) {
      annotations.put(PREFIX + "authors", String.join(", ", card.authors()));
    }
    if (!created.equals(EPOCH)) {
      annotations.put(PREFIX + "created", created);
    }
    return annotations;
  }
}
