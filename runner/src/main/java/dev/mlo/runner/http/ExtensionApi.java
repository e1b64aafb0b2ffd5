package dev.mlo.runner.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Serving;
import dev.mlo.contract.TensorSpec;
import dev.mlo.json.Json;
import dev.mlo.runner.infer.Inferences;
import dev.mlo.runner.infer.ModelFacts;
import dev.mlo.runner.infer.Refusal;
import dev.mlo.runner.infer.Statistics;
import java.util.List;

/// The extensions of the protocol that only tell: what is loaded, how it fared, how it is
/// configured. Client libraries and load generators ask for them.
final class ExtensionApi {
  private final Inferences inferences;

  ExtensionApi(Inferences inferences) {
    this.inferences = inferences;
  }

  List<Route> routes() {
    return List.of(
        Route.of("POST", "/v2/repository/index", this::index),
        Route.of("GET", "/v2/models/stats", this::statistics),
        Route.of("GET", "/v2/models/{model}/stats", this::statistics),
        Route.of("GET", "/v2/models/{model}/versions/{version}/stats", this::statistics),
        Route.of("GET", "/v2/models/{model}/config", this::configuration),
        Route.of("GET", "/v2/models/{model}/versions/{version}/config", this::configuration));
  }

  /// All of it can be asked, so a body that wants only what is ready changes nothing.
  private void index(Exchange exchange) {
    ArrayNode models = Json.array();
    for (Serving serving : inferences.loaded()) {
      models.add(
          Json.object()
              .put("name", serving.model())
              .put("version", serving.version())
              .put("state", "READY")
              .put("reason", ""));
    }
    exchange.json(200, models);
  }

  private void statistics(Exchange exchange) throws Refusal {
    String model = exchange.pathOrNull("model");
    ObjectNode answer = Json.object();
    ArrayNode list = answer.putArray("model_stats");
    inferences
        .statistics(model == null ? "" : model, exchange.pathOrNull("version"))
        .forEach((serving, statistics) -> list.add(told(serving, statistics)));
    exchange.json(200, answer);
  }

  private static ObjectNode told(Serving serving, Statistics statistics) {
    ObjectNode node =
        Json.object()
            .put("name", serving.model())
            .put("version", serving.version())
            .put("last_inference", statistics.last())
            .put("inference_count", statistics.success().count())
            .put("execution_count", statistics.executions());
    ObjectNode sums = node.putObject("inference_stats");
    sums.set("success", sum(statistics.success()));
    sums.set("fail", sum(statistics.fail()));
    sums.set("queue", sum(statistics.queue()));
    sums.set("compute_input", sum(statistics.decode()));
    sums.set("compute_infer", sum(statistics.infer()));
    sums.set("compute_output", sum(statistics.encode()));
    node.putArray("batch_stats");
    return node;
  }

  private static ObjectNode sum(Statistics.Sum sum) {
    return Json.object().put("count", sum.count()).put("ns", sum.nanos());
  }

  private void configuration(Exchange exchange) throws Refusal {
    ModelFacts facts = inferences.facts(exchange.path("model"), exchange.pathOrNull("version"));
    ObjectNode answer =
        Json.object()
            .put("name", facts.serving().model())
            .put("platform", facts.platform())
            .put("max_batch_size", 0);
    answer.set("input", tensors(facts.signature().inputs()));
    answer.set("output", tensors(facts.signature().outputs()));
    answer.putObject("model_transaction_policy").put("decoupled", false);
    exchange.json(200, answer);
  }

  private static ArrayNode tensors(List<TensorSpec> specs) {
    ArrayNode list = Json.array();
    for (TensorSpec spec : specs) {
      ObjectNode tensor =
          list.addObject().put("name", spec.name()).put("data_type", type(spec.datatype()));
      spec.shape().dimensions().forEach(tensor.putArray("dims")::add);
    }
    return list;
  }

  /// The extension has names of its own.
  private static String type(DataType datatype) {
    return datatype == DataType.BYTES ? "TYPE_STRING" : "TYPE_" + datatype.name();
  }
}
