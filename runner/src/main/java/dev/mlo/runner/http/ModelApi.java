package dev.mlo.runner.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.contract.Serving;
import dev.mlo.contract.TensorSpec;
import dev.mlo.json.Json;
import dev.mlo.runner.slot.Lease;
import dev.mlo.runner.slot.Role;
import dev.mlo.runner.slot.Slot;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// What the server and its model are: the metadata routes of the Open Inference Protocol.
final class ModelApi {
  private final Slot slot;
  private final String runnerVersion;

  ModelApi(Slot slot, String runnerVersion) {
    this.slot = slot;
    this.runnerVersion = runnerVersion;
  }

  List<Route> routes() {
    return List.of(
        Route.of("GET", "/v2", this::server),
        Route.of("GET", "/v2/models/{model}", this::model),
        Route.of("GET", "/v2/models/{model}/versions/{version}", this::model),
        Route.of("GET", "/v2/models/{model}/ready", this::ready),
        Route.of("GET", "/v2/models/{model}/versions/{version}/ready", this::ready));
  }

  /// Leases on the version a path names; unversioned means the active one.
  ///
  /// @throws HttpRefusal 503 while nothing serves, 404 for another model or version
  static Supplier<Optional<Lease>> leases(Slot slot, Exchange exchange) throws HttpRefusal {
    Serving active = slot.serving(Role.ACTIVE);
    if (active == null) {
      throw HttpRefusal.later(503, "not_ready", "no model is loaded yet");
    }
    String model = exchange.path("model");
    if (!active.model().equals(model)) {
      throw new HttpRefusal(
          404,
          "unknown_model",
          "there is no model `%s` here; `%s` is".formatted(model, active.model()));
    }
    String version = exchange.pathOrNull("version");
    if (version == null) {
      return slot::lease;
    }
    if (!slot.holds(version)) {
      throw new HttpRefusal(
          404,
          "unknown_version",
          "version `%s` of `%s` is not loaded; %s is active"
              .formatted(version, model, active.version()));
    }
    return () -> slot.lease(version);
  }

  private void server(Exchange exchange) {
    ObjectNode answer = Json.object().put("name", "mlo").put("version", runnerVersion);
    answer.putArray("extensions");
    exchange.json(200, answer);
  }

  private void model(Exchange exchange) throws HttpRefusal {
    try (Lease lease = leases(slot, exchange).get().orElse(null)) {
      if (lease == null) {
        throw HttpRefusal.later(503, "not_ready", "the version is being replaced");
      }
      exchange.json(200, described(lease));
    }
  }

  private ObjectNode described(Lease lease) {
    ObjectNode answer = Json.object().put("name", lease.serving().model());
    ArrayNode versions = answer.putArray("versions");
    for (Role role : Role.values()) {
      Serving serving = slot.serving(role);
      if (serving != null) {
        versions.add(serving.version());
      }
    }
    answer.put("platform", lease.platform());
    answer.set("inputs", specs(lease.card().signature().inputs()));
    answer.set("outputs", specs(lease.card().signature().outputs()));
    ObjectNode properties = answer.putObject("properties");
    properties.put("version", lease.serving().version());
    properties.put("model_digest", lease.serving().modelDigest());
    return answer;
  }

  private static ArrayNode specs(List<TensorSpec> specs) {
    ArrayNode list = Json.array();
    specs.forEach(spec -> list.add(Json.tree(spec)));
    return list;
  }

  private void ready(Exchange exchange) throws HttpRefusal {
    ObjectNode answer = Json.object().put("name", exchange.path("model"));
    try {
      Supplier<Optional<Lease>> ignored = leases(slot, exchange);
      exchange.json(slot.isReady() ? 200 : 503, answer.put("ready", slot.isReady()));
    } catch (HttpRefusal e) {
      if (e.status() != 503) {
        throw e;
      }
      exchange.json(503, answer.put("ready", false));
    }
  }
}
