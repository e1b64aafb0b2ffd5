package dev.mlo.cli.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.TensorSpec;
import dev.mlo.json.Json;
import dev.mlo.oci.Digest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a model card says, as named values that can be held against another card's.
///
/// @param card `null`: the image holds no model
record CardFacts(@Nullable ModelCard card) {
  Map<String, String> files() {
    var files = new LinkedHashMap<String, String>();
    if (card != null) {
      card.files()
          .forEach(file ->
              files.put(file.path(), "%s, %d bytes".formatted(brief(file.digest()), file.size())));
    }
    return files;
  }

  private static String brief(String digest) {
    return Digest.isDigest(digest) ? Digest.parse(digest).brief() : digest;
  }

  Map<String, String> tensors(boolean inputs) {
    List<TensorSpec> specs =
        card == null ? List.of() : inputs ? card.signature().inputs() : card.signature().outputs();
    return specs.stream()
        .collect(
            Collectors.toMap(
                TensorSpec::name,
                spec -> spec.datatype().toString() + spec.shape(),
                (one, _) -> one,
                LinkedHashMap::new));
  }

  Map<String, String> fields() {
    var fields = new LinkedHashMap<String, String>();
    if (card == null) {
      return fields;
    }
    fields.put("name", card.name());
    fields.put("version", card.version());
    fields.put("format", card.format());
    fields.put("entry", card.entry());
    put(fields, "description", card.description());
    put(fields, "license", card.license());
    put(fields, "authors", String.join(", ", card.authors()));
    card.labels().forEach((key, value) -> fields.put("label " + key, value));
    put(fields, "parameters", card.parameters() == null ? null : card.parameters().toString());
    put(fields, "serve", Json.tree(card.serve()));
    fields.computeIfPresent("serve workers", (_, number) -> number.equals("0") ? "auto" : number);
    return fields;
  }

  /// Each value by the keys that lead to it: `serve batching max`.
  private static void put(Map<String, String> fields, String name, JsonNode value) {
    if (value.isObject()) {
      value.properties().forEach(each -> put(fields, name + " " + each.getKey(), each.getValue()));
    } else if (!value.isNull()) {
      fields.put(name, value.isValueNode() ? value.asText() : value.toString());
    }
  }

  private static void put(Map<String, String> fields, String name, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      fields.put(name, value);
    }
  }

  Map<String, String> examples() {
    var examples = new LinkedHashMap<String, String>();
    if (card != null) {
      for (int i = 0; i < card.examples().size(); i++) {
        ModelCard.Example example = card.examples().get(i);
        examples.put(
            String.valueOf(i + 1),
            "%s → %s within %s"
                .formatted(
                    brief(example.requestDigest()),
                    brief(example.responseDigest()),
                    example.tolerance()));
      }
    }
    return examples;
  }

  private JsonNode provenance() {
    return card == null || card.provenance() == null ? Json.object() : card.provenance();
  }

  Map<String, String> metrics() {
    var metrics = new LinkedHashMap<String, String>();
    provenance()
        .path("metrics")
        .properties()
        .forEach(metric -> metrics.put(metric.getKey(), metric.getValue().asText()));
    return metrics;
  }

  /// Data sets and training.
  Map<String, String> data() {
    var said = new LinkedHashMap<String, String>();
    for (JsonNode set : provenance().path("data")) {
      said.put("data " + set.path("name").asText(), brief(set.path("digest").asText()));
    }
    provenance()
        .path("training")
        .properties()
        .forEach(field -> said.put("training " + field.getKey(), field.getValue().asText()));
    return said;
  }
}
