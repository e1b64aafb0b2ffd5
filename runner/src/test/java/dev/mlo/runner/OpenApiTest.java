package dev.mlo.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import dev.mlo.json.Json;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The description of the REST interface, held against the interface and against JSON Schema by
/// somebody else's validator.
class OpenApiTest {
  private static final List<String> METHODS = List.of("get", "post", "put", "delete");

  @TempDir Path root;

  private Fixture iris() throws Exception {
    return new Fixture(root, ModelImage.onnx(Examples.iris("1.0.0"), "iris", "1.0.0"), Map.of());
  }

  private static JsonNode document(Fixture runner) throws Exception {
    return runner.caller.get("/openapi.json").json();
  }

  private static List<String> violations(JsonNode document, String schema, JsonNode value) {
    // References begin at the root, so the schema is put there, beside the components.
    ObjectNode whole = Json.object().put("$ref", "#/components/schemas/" + schema);
    whole.putObject("components").set("schemas", document.at("/components/schemas"));
    Schema checked =
        SchemaRegistry.withDefaultDialect(Dialects.getOpenApi31())
            .getSchema(text(whole), InputFormat.JSON);
    return checked.validate(text(value), InputFormat.JSON).stream().map(Error::toString).toList();
  }

  private static String text(JsonNode node) {
    return new String(Json.compact(node), StandardCharsets.UTF_8);
  }

  @Test
  void isOpenApiWhoseReferencesLeadSomewhere() throws Exception {
    try (Fixture runner = iris()) {
      JsonNode document = document(runner);

      assertThat(document.path("openapi").asText()).isEqualTo("3.1.0");
      assertThat(document.at("/info/title").asText()).isEqualTo("iris");
      assertThat(document.at("/info/version").asText()).isEqualTo("1.0.0");
      var references = new HashSet<String>();
      collect(document, references);
      assertThat(references).hasSizeGreaterThan(10);
      assertThat(references)
          .allSatisfy(reference ->
              assertThat(document.at(reference.substring(1)).isObject()).as(reference).isTrue());
    }
  }

  private static void collect(JsonNode node, Set<String> references) {
    if (node.path("$ref").isTextual()) {
      references.add(node.path("$ref").asText());
    }
    node.forEach(child -> collect(child, references));
  }

  @Test
  void everyOperationHasANameOfItsOwnAndItsPathsVariables() throws Exception {
    try (Fixture runner = iris()) {
      var names = new ArrayList<String>();
      for (var path : document(runner).path("paths").properties()) {
        boolean versioned = path.getKey().contains("{version}");
        assertThat(path.getValue().at("/parameters/0/name").asText())
            .isEqualTo(versioned ? "version" : "");
        for (String method : METHODS) {
          JsonNode operation = path.getValue().path(method);
          if (!operation.isMissingNode()) {
            names.add(operation.path("operationId").asText());
            assertThat(operation.path("responses")).as(path.getKey()).isNotEmpty();
          }
        }
      }
      assertThat(names).doesNotHaveDuplicates().hasSizeGreaterThan(10).doesNotContain("");
    }
  }

  @Test
  void whatItDescribesIsThere() throws Exception {
    try (Fixture runner = iris()) {
      JsonNode paths = document(runner).path("paths");
      assertThat(paths.has("/v2/models/iris/infer")).isTrue();
      assertThat(paths.has("/v2/models/iris/versions/{version}/infer")).isTrue();
      boolean repository =
          runner.caller.get("/v2").json().path("extensions").toString().contains("repository");
      for (var path : paths.properties()) {
        String place = path.getKey().replace("{version}", "1.0.0");
        if (path.getKey().startsWith("/v2/repository") && !repository) {
          continue;
        }
        for (String method : METHODS) {
          if (path.getValue().has(method)) {
            var answer =
                runner.caller.send(
                    runner
                        .caller
                        .http(place)
                        .method(
                            method.toUpperCase(java.util.Locale.ROOT),
                            HttpRequest.BodyPublishers.ofString(method.equals("get") ? "" : "{}")));
            assertThat(answer.status()).as(place).isIn(200, 400);
          }
        }
      }
    }
  }

  @Test
  void theGoldenExampleIsItsExampleAndFitsItsSchema() throws Exception {
    try (Fixture runner = iris()) {
      JsonNode document = document(runner);
      JsonNode infer = document.at("/paths/~1v2~1models~1iris~1infer/post");
      JsonNode request =
          infer
              .at("/requestBody/content/application~1json/examples")
              .iterator()
              .next()
              .get("value");
      JsonNode response =
          infer
              .at("/responses/200/content/application~1json/examples")
              .iterator()
              .next()
              .get("value");
      var answered =
          runner.caller.send(runner.caller.inference("/v2/models/iris/infer", text(request)));

      assertThat(violations(document, "InferenceRequest", request)).isEmpty();
      assertThat(violations(document, "InferenceResponse", response)).isEmpty();
      assertThat(violations(document, "InferenceResponse", answered.json())).isEmpty();
      assertThat(answered.json().at("/outputs/0/data/0"))
          .isEqualTo(response.at("/outputs/0/data/0"));
      JsonNode metadata = runner.caller.get("/v2/models/iris").json();
      assertThat(violations(document, "ModelMetadata", metadata)).isEmpty();
      JsonNode error = runner.caller.get("/v2/models/other").json();
      assertThat(violations(document, "Error", error)).isEmpty();
      String batch = Files.readString(Examples.iris("1.0.0").resolve("examples/batch.json"));
      assertThat(
              violations(
                  document, "InferenceRequest", Json.parse(batch.getBytes(StandardCharsets.UTF_8))))
          .isEmpty();
    }
  }

  @Test
  void whatTheRunnerRefusesDoesNotFitTheSchemaEither() throws Exception {
    try (Fixture runner = iris()) {
      JsonNode document = document(runner);
      for (String wrong :
          List.of(
              "{}",
              "{'inputs':[]}",
              "{'inputs':[{'name':'x','datatype':'FP32','shape':[1,4],'data':[1,2,3,4]}]}",
              "{'inputs':[{'name':'features','datatype':'FP64','shape':[1,4],'data':[1,2,3,4]}]}",
              "{'inputs':[{'name':'features','datatype':'FP32','shape':[1,3],'data':[1,2,3]}]}",
              "{'inputs':[{'name':'features','datatype':'FP32','shape':[4],'data':[1,2,3,4]}]}",
              "{'inputs':[{'name':'features','datatype':'FP32','shape':[1,4],'data':[1,2,'x',4]}]}",
              "{'inputs':[{'name':'features','datatype':'FP32','shape':[1,4],'data':[[1,2,3]]}]}",
              "{'inputs':[{'name':'features','datatype':'FP32','shape':[1,4],'data':[1,2,3,4]}],"
                  + "'outputs':[{'name':'nothing'}]}")) {
        String body = wrong.replace('\'', '"');
        JsonNode request = Json.parse(body.getBytes(StandardCharsets.UTF_8));
        var answer = runner.caller.send(runner.caller.inference("/v2/models/iris/infer", body));
        assertThat(answer.status()).as(body).isEqualTo(400);
        assertThat(violations(document, "InferenceRequest", request)).as(body).isNotEmpty();
      }
    }
  }

  @Test
  void followsASwap() throws Exception {
    try (Fixture runner = iris()) {
      runner.caller.swap(ModelImage.onnx(Examples.iris("2.0.0"), "iris", "2.0.0"));
      JsonNode document = document(runner);

      assertThat(document.at("/info/version").asText()).isEqualTo("2.0.0");
      assertThat(document.at("/x-mlo/generation").asInt()).isEqualTo(2);
      assertThat(
              document
                  .at("/paths/~1v2~1models~1iris~1versions~1{version}~1infer/parameters/0/schema")
                  .toString())
          .isEqualTo("{\"type\":\"string\",\"enum\":[\"2.0.0\",\"1.0.0\"]}");
    }
  }
}
