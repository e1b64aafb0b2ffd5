package dev.mlo.cli.project;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Parser, schema, reference page and template speak of the same keys.
class ManifestSchemaTest {
  private static final Path ROOT =
      Files.isDirectory(Path.of("templates")) ? Path.of(".") : Path.of("..");

  /// Every key with the keys that lead to it.
  private static Stream<List<String>> keys() {
    var found = new ArrayList<List<String>>();
    collect(ManifestKeys.ROOT, List.of(), found);
    return found.stream();
  }

  private static void collect(Kind kind, List<String> path, List<List<String>> found) {
    switch (kind) {
      case Kind.Section section -> {
        for (Key key : section.keys()) {
          var inner = new ArrayList<>(path);
          inner.add(key.name());
          found.add(inner);
          collect(key.kind(), inner, found);
        }
      }
      case Kind.ListOf list -> collect(list.item(), path, found);
      case Kind.MapOf map -> collect(map.value(), path, found);
      case Kind.Either either -> {
        collect(either.simple(), path, found);
        collect(either.full(), path, found);
      }
      case Kind.Text _, Kind.Choice _, Kind.Whole _, Kind.Real _, Kind.Free _ -> {}
    }
  }

  @ParameterizedTest
  @MethodSource("keys")
  void everyKeyIsInTheSchema(List<String> path) {
    JsonNode schema = ManifestSchema.json();
    for (String key : path) {
      schema = property(schema, key);
      assertThat(schema).as("%s in %s", key, path).isNotNull();
    }
    assertThat(schema.path("description").asText()).isNotEmpty();
  }

  private static JsonNode property(JsonNode schema, String key) {
    for (JsonNode part : parts(schema)) {
      if (part.path("properties").has(key)) {
        return part.path("properties").get(key);
      }
    }
    return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
  }

  private static List<JsonNode> parts(JsonNode schema) {
    var parts = new ArrayList<JsonNode>();
    parts.add(schema);
    parts.addAll(schema.has("items") ? parts(schema.get("items")) : List.of());
    if (schema.path("additionalProperties").isObject()) {
      parts.addAll(parts(schema.get("additionalProperties")));
    }
    schema.path("anyOf").forEach(each -> parts.addAll(parts(each)));
    return parts;
  }

  @ParameterizedTest
  @MethodSource("keys")
  void everyKeyOfTheTopIsInTheTemplateOrLeftOutOnPurpose(List<String> path) throws IOException {
    List<String> leftOut = List.of("labels", "license", "authors", "image", "ledger");
    String template = Files.readString(ROOT.resolve("templates/onnx/mlops.yaml"));

    if (path.size() == 1 && !leftOut.contains(path.getFirst())) {
      String key = path.getFirst();
      assertThat(
              Pattern.compile("(?m)^(# )?" + key + ":|\\{\\{" + key + "}}")
                  .matcher(template)
                  .find())
          .as(key)
          .isTrue();
    }
  }

  @Test
  void patternsMeanTheSameInBothPlaces() {
    JsonNode name = ManifestSchema.json().path("properties").path("name").path("pattern");

    assertThat(name.asText()).isEqualTo("^(?:[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)$");
  }

  @Test
  void theReferencePageIsWhatTheKeysSay() throws IOException {
    Path page = ROOT.resolve("docs").resolve("manifest.md");
    String generated = ManifestReference.markdown();
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(page, generated);
    }

    assertThat(Files.readString(page))
        .as("run the tests of cli with -Dgolden.update=true")
        .isEqualTo(generated);
  }

  @ParameterizedTest
  @MethodSource("keys")
  void everyKeyIsOnTheReferencePage(List<String> path) {
    assertThat(ManifestReference.markdown())
        .containsPattern("\\| `([a-zA-Z.\\[\\]-]*\\.)?" + path.getLast() + "` \\|");
  }
}
