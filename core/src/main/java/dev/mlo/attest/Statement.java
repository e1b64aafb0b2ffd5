package dev.mlo.attest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DocumentException;
import java.util.Map;

/// An in-toto statement (in-toto attestation framework, version 1): a predicate about one digest.
/// What vouches for it, an envelope with signatures, is put around its bytes.
///
/// @param name what the subject is called; nobody may rely on it
/// @param predicateType the URI that says how to read the predicate
public record Statement(String name, Digest subject, String predicateType, ObjectNode predicate) {
  /// On an artifact and its layer: the type of the predicate, as BuildKit and others name it.
  public static final String PREDICATE_TYPE = "in-toto.io/predicate-type";

  private static final String TYPE = "https://in-toto.io/Statement/v1";

  /// The bytes to attach, the same for the same statement. Every version of a model has its own, so
  /// they are written without spaces.
  public byte[] write() {
    ObjectNode node = Json.object().put("_type", TYPE);
    node.putArray("subject")
        .addObject()
        .put("name", name)
        .putObject("digest")
        .put(subject.algorithm(), subject.hex());
    node.put("predicateType", predicateType).set("predicate", predicate);
    return Json.compact(node);
  }

  /// @throws DocumentException when the bytes are no statement about one subject
  public static Statement parse(byte[] bytes) throws DocumentException {
    try {
      JsonNode node = Json.parse(bytes);
      JsonNode subject = node.path("subject").path(0);
      JsonNode digests = subject.path("digest");
      if (!node.path("_type").asText().equals(TYPE)
          || node.path("subject").size() != 1
          || digests.size() != 1
          || !node.path("predicateType").isTextual()
          || !(node.path("predicate") instanceof ObjectNode predicate)) {
        throw new DocumentException("it is no in-toto statement about one digest");
      }
      Map.Entry<String, JsonNode> digest = digests.properties().iterator().next();
      return new Statement(
          subject.path("name").asText(),
          new Digest(digest.getKey(), digest.getValue().asText()),
          node.path("predicateType").textValue(),
          predicate);
    } catch (JsonFormatException | IllegalArgumentException e) {
      throw new DocumentException("it is no in-toto statement: " + e.getMessage());
    }
  }
}
