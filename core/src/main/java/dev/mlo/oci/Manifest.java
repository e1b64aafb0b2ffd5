package dev.mlo.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An image manifest, read from its bytes. The bytes are what is stored and copied; this view never
/// writes them again (OCI image specification, "Image Manifest").
public record Manifest(
    String mediaType,
    @Nullable String artifactType,
    Descriptor config,
    List<Descriptor> layers,
    @Nullable Descriptor subject,
    Map<String, String> annotations) {

  public Manifest {
    layers = List.copyOf(layers);
  }

  public static Manifest parse(byte[] bytes) throws DocumentException {
    JsonNode node;
    try {
      node = Json.parse(bytes);
    } catch (JsonFormatException e) {
      throw new DocumentException("manifest: " + e.getMessage());
    }
    Fields fields = new Fields(node, "manifest");
    if (node.has("manifests")) {
      throw new DocumentException("manifest: it lists manifests, so it is an index");
    }
    @Nullable Descriptor config = fields.descriptorOrNull("config");
    if (config == null) {
      throw new DocumentException("manifest: `config` is missing");
    }
    @Nullable String mediaType = fields.textOrNull("mediaType");
    return new Manifest(
        mediaType == null ? MediaTypes.MANIFEST : mediaType,
        fields.textOrNull("artifactType"),
        config,
        fields.descriptors("layers"),
        fields.descriptorOrNull("subject"),
        fields.strings("annotations"));
  }

  /// The bytes of a new manifest; keys in the order of the specification.
  public byte[] write() {
    ObjectNode node = Json.object().put("schemaVersion", 2).put("mediaType", mediaType);
    if (artifactType != null) {
      node.put("artifactType", artifactType);
    }
    node.set("config", config.json());
    ArrayNode list = node.putArray("layers");
    layers.forEach(layer -> list.add(layer.json()));
    if (subject != null) {
      node.set("subject", subject.json());
    }
    if (!annotations.isEmpty()) {
      ObjectNode said = node.putObject("annotations");
      annotations.forEach(said::put);
    }
    return Json.compact(node);
  }
}
