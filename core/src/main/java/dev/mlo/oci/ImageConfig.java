package dev.mlo.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// What a container engine needs to run an image, and which layers it unpacks (OCI image
/// specification, "Image Configuration"). Fields this type does not know are kept as they are.
public final class ImageConfig {
  /// The moment of images whose build has no moment: the epoch.
  public static final String EPOCH = "1970-01-01T00:00:00Z";

  private final ObjectNode node;

  private ImageConfig(ObjectNode node) {
    this.node = node;
  }

  /// A configuration without layers.
  ///
  /// @param run the fields of `config`: `User`, `Env`, `Entrypoint` …
  public static ImageConfig of(Platform platform, String created, ObjectNode run) {
    ObjectNode node = Json.object().put("created", created);
    node.setAll(platform.json());
    node.set("config", run);
    node.putObject("rootfs").put("type", "layers").putArray("diff_ids");
    node.putArray("history");
    return new ImageConfig(node);
  }

  public static ImageConfig parse(byte[] bytes) throws DocumentException {
    try {
      JsonNode parsed = Json.parse(bytes);
      if (!(parsed instanceof ObjectNode object)) {
        throw new DocumentException("image configuration: it is no object");
      }
      ImageConfig config = new ImageConfig(object);
      config.platform();
      config.diffIds();
      config.labels();
      return config;
    } catch (JsonFormatException e) {
      throw new DocumentException("image configuration: " + e.getMessage());
    }
  }

  public Platform platform() throws DocumentException {
    Fields fields = new Fields(node, "image configuration");
    try {
      return new Platform(fields.text("os"), fields.text("architecture"));
    } catch (IllegalArgumentException e) {
      throw new DocumentException("image configuration: " + e.getMessage());
    }
  }

  /// The digests of the uncompressed layers, lowest first.
  public List<Digest> diffIds() throws DocumentException {
    var ids = new ArrayList<Digest>();
    for (JsonNode id : node.path("rootfs").path("diff_ids")) {
      if (!Digest.isDigest(id.asText())) {
        throw new DocumentException("image configuration: `diff_ids` holds what is no digest");
      }
      ids.add(Digest.parse(id.asText()));
    }
    return List.copyOf(ids);
  }

  /// When the image was made, as it says itself.
  public String created() {
    return node.path("created").asText(EPOCH);
  }

  /// How each layer came to be, lowest first: the lines of `docker history` that made a layer.
  public List<String> history() {
    var lines = new ArrayList<String>();
    for (JsonNode step : node.path("history")) {
      if (!step.path("empty_layer").asBoolean()) {
        lines.add(step.path("created_by").asText());
      }
    }
    return List.copyOf(lines);
  }

  public Map<String, String> labels() throws DocumentException {
    return new Fields(run(), "image configuration").strings("Labels");
  }

  /// `NAME=value`, in order.
  public List<String> environment() {
    return texts("Env");
  }

  public List<String> entrypoint() {
    return texts("Entrypoint");
  }

  public String user() {
    return run().path("User").asText("");
  }

  private List<String> texts(String field) {
    var list = new ArrayList<String>();
    run().path(field).forEach(element -> list.add(element.asText()));
    return List.copyOf(list);
  }

  private JsonNode run() {
    JsonNode run = node.path("config");
    return run.isObject() ? run : Json.object();
  }

  public ImageConfig withCreated(String created) {
    ObjectNode copy = node.deepCopy();
    copy.put("created", created);
    return new ImageConfig(copy);
  }

  /// The same with one more label, or the label's new value.
  public ImageConfig withLabel(String name, String value) {
    ObjectNode copy = node.deepCopy();
    copy.withObject("/config").withObject("/Labels").put(name, value);
    return new ImageConfig(copy);
  }

  /// The same with one more layer on top.
  ///
  /// @param how the line `docker history` shows
  public ImageConfig withLayer(Digest diffId, String how) {
    ObjectNode copy = node.deepCopy();
    copy.withObject("/rootfs").withArray("/diff_ids").add(diffId.toString());
    copy.withArray("/history")
        .addObject()
        .put("created", copy.path("created").asText(EPOCH))
        .put("created_by", how);
    return new ImageConfig(copy);
  }

  public byte[] write() {
    return Json.compact(node);
  }
}
