package dev.mlo.runner.http;

import dev.mlo.json.Json;
import dev.mlo.runner.slot.Slot;
import java.util.List;

/// Whether the process lives and whether requests may be sent to it. Never waits behind anything: a
/// swap touches neither.
final class HealthApi {
  private final Slot slot;

  HealthApi(Slot slot) {
    this.slot = slot;
  }

  List<Route> routes() {
    return List.of(
        Route.of("GET", "/v2/health/live", this::live),
        Route.of("GET", "/v2/health/ready", this::ready),
        Route.of("GET", "/livez", this::live),
        Route.of("GET", "/readyz", this::ready));
  }

  void live(Exchange exchange) {
    exchange.json(200, Json.object().put("live", true));
  }

  void ready(Exchange exchange) {
    boolean ready = slot.isReady();
    exchange.json(ready ? 200 : 503, Json.object().put("ready", ready));
  }
}
