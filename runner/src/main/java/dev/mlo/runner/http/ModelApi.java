package dev.mlo.runner.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.contract.Serving;
import dev.mlo.contract.TensorSpec;
import dev.mlo.json.Json;
import dev.mlo.runner.infer.Inferences;
import dev.mlo.runner.infer.ModelFacts;
import dev.mlo.runner.infer.Refusal;
import java.util.List;

/// What the server and its model are: the metadata routes of the Open Inference Protocol.
final class ModelApi {
  private final Inferences inferences;
  private final String runnerVersion;

  ModelApi(Inferences inferences, String runnerVersion) {
    this.inferences = inferences;
    this.runnerVersion = runnerVersion;
  }

  List<Route> routes() {
    return List.of(
        Route.of("GET", "/v2", this::server),
        Route.of("GET", "/v2/models", this::models),
        Route.of("GET", "/v2/models/{model}", this::model),
        Route.of("GET", "/v2/models/{model}/versions/{version}", this::model),
        Route.of("GET", "/v2/models/{model}/ready", this::ready),
        Route.of("GET", "/v2/models/{model}/versions/{version}/ready", this::ready));
  }

  private void server(Exchange exchange) {
    ObjectNode answer = Json.object().put("name", "mlo").put("version", runnerVersion);
    ModelFacts.EXTENSIONS.forEach(answer.putArray("extensions")::add);
    exchange.json(200, answer);
  }

  /// A list of one; none before a model is loaded.
  private void models(Exchange exchange) {
    ObjectNode answer = Json.object();
    ArrayNode names = answer.putArray("models");
    inferences.loaded().stream().map(Serving::model).distinct().forEach(names::add);
    exchange.json(200, answer);
  }

  private void model(Exchange exchange) throws Refusal {
    ModelFacts facts = inferences.facts(exchange.path("model"), exchange.pathOrNull("version"));
    ObjectNode answer = Json.object().put("name", facts.serving().model());
    facts.versions().forEach(answer.putArray("versions")::add);
    answer.put("platform", facts.platform());
    answer.set("inputs", specs(facts.signature().inputs()));
    answer.set("outputs", specs(facts.signature().outputs()));
    ObjectNode properties = answer.putObject("properties");
    facts.properties().forEach(properties::put);
    exchange.json(200, answer);
  }

  static ArrayNode specs(List<TensorSpec> specs) {
    ArrayNode list = Json.array();
    specs.forEach(spec -> list.add(Json.tree(spec)));
    return list;
  }

  private void ready(Exchange exchange) throws Refusal {
    boolean ready = inferences.isReady(exchange.path("model"), exchange.pathOrNull("version"));
    exchange.json(
        ready ? 200 : 503, Json.object().put("name", exchange.path("model")).put("ready", ready));
  }
}
