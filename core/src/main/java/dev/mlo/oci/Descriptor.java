package dev.mlo.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.json.Json;
import java.util.Base64;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Content by its digest: what it is, how many bytes, and what is said of it (OCI image
/// specification, "Content Descriptors"). Sizes are bytes, never negative.
public record Descriptor(
    String mediaType,
    Digest digest,
    long size,
    Map<String, String> annotations,
    @Nullable Platform platform,
    @Nullable String artifactType) {

  /// The annotation under which a layout keeps a name.
  public static final String REF_NAME = "org.opencontainers.image.ref.name";

  public Descriptor {
    if (size < 0) {
      throw new IllegalArgumentException("size " + size + " of " + digest + " is negative");
    }
    annotations = Collections.unmodifiableMap(new LinkedHashMap<>(annotations));
  }

  public static Descriptor of(String mediaType, Digest digest, long size) {
    return new Descriptor(mediaType, digest, size, Map.of(), null, null);
  }

  /// The descriptor of bytes in memory.
  public static Descriptor of(String mediaType, byte[] bytes) {
    return of(mediaType, Digest.sha256(bytes), bytes.length);
  }

  public Descriptor with(String annotation, String value) {
    var more = new LinkedHashMap<>(annotations);
    more.put(annotation, value);
    return new Descriptor(mediaType, digest, size, more, platform, artifactType);
  }

  public Descriptor withPlatform(Platform platform) {
    return new Descriptor(mediaType, digest, size, annotations, platform, artifactType);
  }

  /// Only media type, digest and size.
  public Descriptor bare() {
    return of(mediaType, digest, size);
  }

  /// @throws DocumentException when the node is no descriptor
  public static Descriptor parse(JsonNode node) throws DocumentException {
    Fields fields = new Fields(node, "descriptor");
    long size = fields.integer("size");
    if (size < 0) {
      throw new DocumentException("descriptor: size " + size + " is negative");
    }
    Digest digest = fields.digest("digest");
    checkInline(node.path("data"), digest, size);
    @Nullable JsonNode at = node.get("platform");
    @Nullable Platform platform = null;
    if (at != null && at.isObject()) {
      Fields p = new Fields(at, "platform");
      try {
        platform = new Platform(p.text("os"), p.text("architecture"));
      } catch (IllegalArgumentException e) {
        throw new DocumentException(String.valueOf(e.getMessage()));
      }
    }
    return new Descriptor(
        fields.text("mediaType"),
        digest,
        size,
        fields.strings("annotations"),
        platform,
        node.path("artifactType").isTextual() ? node.path("artifactType").textValue() : null);
  }

  /// Content may be carried along in its descriptor. It is never used, as the content itself is
  /// read anyway, but two readers must not see different things.
  private static void checkInline(JsonNode data, Digest digest, long size)
      throws DocumentException {
    if (data.isMissingNode()) {
      return;
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(data.asText());
      if (bytes.length == size && digest.matches(bytes)) {
        return;
      }
    } catch (IllegalArgumentException e) {
      throw new DocumentException("descriptor: `data` of " + digest + " is no base64");
    }
    throw new DocumentException("descriptor: `data` of " + digest + " is other content");
  }

  public ObjectNode json() {
    ObjectNode node =
        Json.object()
            .put("mediaType", mediaType)
            .put("digest", digest.toString())
            .put("size", size);
    if (platform != null) {
      node.set("platform", platform.json());
    }
    if (artifactType != null) {
      node.put("artifactType", artifactType);
    }
    if (!annotations.isEmpty()) {
      ObjectNode said = node.putObject("annotations");
      annotations.forEach(said::put);
    }
    return node;
  }
}
