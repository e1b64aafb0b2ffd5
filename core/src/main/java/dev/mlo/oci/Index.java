package dev.mlo.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An image index: one manifest per platform (OCI image specification, "Image Index").
public record Index(String mediaType, List<Descriptor> manifests, Map<String, String> annotations) {

  private static final String BUILDKIT_TYPE = "vnd.docker.reference.type";

  public Index {
    manifests = List.copyOf(manifests);
  }

  public static Index parse(byte[] bytes) throws DocumentException {
    JsonNode node;
    try {
      node = Json.parse(bytes);
    } catch (JsonFormatException e) {
      throw new DocumentException("index: " + e.getMessage());
    }
    if (!node.path("manifests").isArray()) {
      throw new DocumentException("index: `manifests` is missing or no list");
    }
    Fields fields = new Fields(node, "index");
    @Nullable String mediaType = fields.textOrNull("mediaType");
    return new Index(
        mediaType == null ? MediaTypes.INDEX : mediaType,
        fields.descriptors("manifests"),
        fields.strings("annotations"));
  }

  /// The images among what it lists. BuildKit lists statements about them as if they were images
  /// for the platform `unknown/unknown`, in the words of an annotation.
  public List<Descriptor> images() {
    return manifests.stream()
        .filter(child -> MediaTypes.isManifest(child.mediaType()))
        .filter(child -> !"attestation-manifest".equals(child.annotations().get(BUILDKIT_TYPE)))
        .toList();
  }

  public byte[] write() {
    ObjectNode node = Json.object().put("schemaVersion", 2).put("mediaType", mediaType);
    ArrayNode list = node.putArray("manifests");
    manifests.forEach(manifest -> list.add(manifest.json()));
    if (!annotations.isEmpty()) {
      ObjectNode said = node.putObject("annotations");
      annotations.forEach(said::put);
    }
    return Json.compact(node);
  }
}
