package dev.mlo.runner.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.Signature;
import dev.mlo.contract.TensorSpec;
import dev.mlo.json.Json;
import dev.mlo.runner.slot.Lease;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/// `GET /openapi.json`: the REST interface as OpenAPI 3.1, with the model that serves in it: its
/// name in the paths, its inputs and outputs as schemas, its golden examples as examples. Whoever
/// generates a client from it gets one for this model.
final class OpenApi {
  private final Lease lease;
  private final List<String> versions;
  private final String runnerVersion;
  private final ModelCard card;
  private final String path;

  /// @param versions those a path may name
  OpenApi(Lease lease, List<String> versions, String runnerVersion) {
    this.lease = lease;
    this.versions = List.copyOf(versions);
    this.runnerVersion = runnerVersion;
    this.card = lease.card();
    this.path =
        "/v2/models/"
            + URLEncoder.encode(lease.serving().model(), StandardCharsets.UTF_8)
                .replace("+", "%20");
  }

  /// What can be asked of a runner whose model is not there yet.
  static ObjectNode withoutModel(String runnerVersion) {
    ObjectNode document = base();
    document.withObjectProperty("info").put("version", runnerVersion);
    return document;
  }

  /// What is the same for every model: the server's routes, its errors, its documents.
  private static ObjectNode base() {
    try (InputStream in = OpenApi.class.getResourceAsStream("openapi.json")) {
      return (ObjectNode) Json.parse(Objects.requireNonNull(in).readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  ObjectNode document() {
    ObjectNode document = base();
    document.set("info", info());
    JsonNode servers = document.path("paths");
    ObjectNode paths = document.putObject("paths");
    addModel(paths, path, "");
    addModel(paths, path + "/versions/{version}", "OfVersion");
    paths.setAll((ObjectNode) servers);
    addSchemas((ObjectNode) document.at("/components/schemas"));
    document
        .putObject("x-mlo")
        .put("runner", runnerVersion)
        .put("modelDigest", lease.serving().modelDigest())
        .put("imageDigest", lease.serving().imageDigest())
        .put("generation", lease.serving().generation());
    return document;
  }

  private ObjectNode info() {
    ObjectNode info = Json.object().put("title", card.name());
    if (card.description() != null) {
      info.put("summary", card.description());
    }
    info.put("version", card.version());
    if (card.license() != null) {
      info.putObject("license").put("name", card.license());
    }
    return info;
  }

  /// @param suffix of the operations' names
  private void addModel(ObjectNode paths, String prefix, String suffix) {
    add(paths, prefix + "/infer").set("post", infer("infer" + suffix));
    ObjectNode describe = operation("describe" + suffix, "model", "Inputs and outputs");
    describe.set("responses", responses(answer("ModelMetadata", "What it is"), "404", "503"));
    add(paths, prefix).set("get", describe);
    ObjectNode ready = operation("ready" + suffix, "model", "Whether requests may be sent");
    ObjectNode responses = responses(answer("Ready", "They may"), "404");
    responses.set("503", answer("Ready", "Not now"));
    ready.set("responses", responses);
    add(paths, prefix + "/ready").set("get", ready);
    told(paths, prefix, "stats" + suffix, "ModelStatistics", "Counts and times");
    told(paths, prefix, "config" + suffix, "ModelConfiguration", "How it is configured");
  }

  /// A route of an extension that only tells; its path ends with the first word of its operation.
  private void told(ObjectNode paths, String prefix, String id, String schema, String summary) {
    ObjectNode operation = operation(id, "model", summary);
    operation.set("responses", responses(answer(schema, summary), "404", "503"));
    add(paths, prefix + "/" + id.replaceFirst("OfVersion$", "")).set("get", operation);
  }

  private ObjectNode add(ObjectNode paths, String place) {
    ObjectNode item = paths.putObject(place);
    if (place.contains("{version}")) {
      ObjectNode version = item.putArray("parameters").addObject();
      version.put("name", "version").put("in", "path").put("required", true);
      ArrayNode known = version.putObject("schema").put("type", "string").putArray("enum");
      versions.forEach(known::add);
    }
    return item;
  }

  private static ObjectNode operation(String id, String tag, String summary) {
    ObjectNode operation = Json.object().put("operationId", id).put("summary", summary);
    operation.putArray("tags").add(tag);
    return operation;
  }

  private static ObjectNode reference(String kind, String name) {
    return Json.object().put("$ref", "#/components/" + kind + "/" + name);
  }

  private static ObjectNode answer(String schema, String description) {
    ObjectNode response = Json.object().put("description", description);
    ObjectNode json = response.putObject("content").putObject("application/json");
    json.set("schema", reference("schemas", schema));
    return response;
  }

  private static ObjectNode responses(ObjectNode ok, String... refusals) {
    ObjectNode responses = Json.object();
    responses.set("200", ok);
    for (String status : refusals) {
      responses.set(status, reference("responses", "Refusal" + status));
    }
    return responses;
  }

  private ObjectNode infer(String id) {
    ObjectNode operation = operation(id, "inference", "Run the model on one request");
    operation.putArray("parameters").add(reference("parameters", "BinaryHeader"));
    ObjectNode body = operation.putObject("requestBody").put("required", true);
    ObjectNode asked = body.putObject("content");
    asked.putObject("application/json").set("schema", reference("schemas", "InferenceRequest"));
    asked.putObject("application/octet-stream");
    ObjectNode ok = answer("InferenceResponse", "The outputs, and the version that answered");
    ObjectNode answered = ok.withObjectProperty("content");
    answered.putObject("application/octet-stream");
    addExamples(
        asked.withObjectProperty("application/json"),
        answered.withObjectProperty("application/json"));
    operation.set(
        "responses", responses(ok, "400", "404", "408", "413", "415", "429", "500", "503", "504"));
    return operation;
  }

  private void addExamples(ObjectNode request, ObjectNode response) {
    for (JsonNode example : PageModel.examples(lease.examples())) {
      String name = "example" + example.path("name").asText();
      ObjectNode asked = request.withObjectProperty("examples").putObject(name);
      asked.put("summary", "A golden example").set("value", example.get("request"));
      ObjectNode answered = response.withObjectProperty("examples").putObject(name);
      ObjectNode value = answered.put("summary", "The answer it must get").putObject("value");
      value.put("model_name", card.name()).put("model_version", card.version());
      value.set("outputs", example.get("outputs"));
    }
  }

  private void addSchemas(ObjectNode schemas) {
    Signature signature = card.signature();
    add(schemas, "Input", signature.inputs(), TensorSchema::input);
    add(schemas, "Output", signature.outputs(), TensorSchema::output);
    schemas.set("InferenceRequest", request(signature));
    schemas.set("InferenceResponse", response(signature));
  }

  private static void add(
      ObjectNode schemas,
      String kind,
      List<TensorSpec> specs,
      Function<TensorSpec, ObjectNode> schema) {
    for (int i = 0; i < specs.size(); i++) {
      schemas.set(kind + i, schema.apply(specs.get(i)));
    }
  }

  /// Every input once, in any order.
  private static ObjectNode request(Signature signature) {
    ObjectNode schema = Json.object().put("type", "object");
    schema.putArray("required").add("inputs");
    ObjectNode properties = schema.putObject("properties");
    properties.putObject("id").put("type", "string").put("description", "comes back in the answer");
    properties.putObject("parameters").put("type", "object");
    ObjectNode inputs = properties.putObject("inputs").put("type", "array");
    int count = signature.inputs().size();
    inputs.put("minItems", count).put("maxItems", count);
    inputs.set("items", oneOf("Input", signature.inputs()));
    ArrayNode each = inputs.putArray("allOf");
    for (TensorSpec spec : signature.inputs()) {
      ObjectNode contains = each.addObject().putObject("contains");
      contains.putObject("properties").putObject("name").put("const", spec.name());
    }
    ObjectNode outputs = properties.putObject("outputs").put("type", "array");
    outputs.put("description", "the outputs that are wanted; all when absent");
    ObjectNode wanted = outputs.putObject("items").put("type", "object");
    wanted.putArray("required").add("name");
    ArrayNode names = wanted.putObject("properties").putObject("name").putArray("enum");
    signature.outputs().forEach(spec -> names.add(spec.name()));
    return schema;
  }

  private ObjectNode response(Signature signature) {
    ObjectNode schema = Json.object().put("type", "object");
    schema.putArray("required").add("model_name").add("outputs");
    ObjectNode properties = schema.putObject("properties");
    properties.putObject("model_name").put("const", card.name());
    properties.putObject("model_version").put("type", "string");
    properties.putObject("id").put("type", "string");
    properties.putObject("parameters").put("type", "object");
    ObjectNode outputs = properties.putObject("outputs").put("type", "array");
    outputs.set("items", oneOf("Output", signature.outputs()));
    return schema;
  }

  private static ObjectNode oneOf(String kind, List<TensorSpec> specs) {
    if (specs.size() == 1) {
      return reference("schemas", kind + 0);
    }
    ObjectNode choice = Json.object();
    ArrayNode each = choice.putArray("oneOf");
    ObjectNode discriminator = Json.object().put("propertyName", "name");
    ObjectNode mapping = discriminator.putObject("mapping");
    for (int i = 0; i < specs.size(); i++) {
      each.add(reference("schemas", kind + i));
      mapping.put(specs.get(i).name(), "#/components/schemas/" + kind + i);
    }
    choice.set("discriminator", discriminator);
    return choice;
  }
}
