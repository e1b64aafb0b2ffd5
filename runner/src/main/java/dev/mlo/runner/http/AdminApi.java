package dev.mlo.runner.http;

import dev.mlo.contract.SwapReport;
import dev.mlo.contract.SwapRequest;
import dev.mlo.json.Json;
import dev.mlo.runner.infer.AccessLog;
import dev.mlo.runner.infer.BodyMemory;
import dev.mlo.runner.infer.Metrics;
import dev.mlo.runner.slot.Role;
import dev.mlo.runner.slot.Slot;
import dev.mlo.runner.slot.Swaps;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.jetty.util.thread.Scheduler;

/// Swaps, rollbacks, status, history and metrics on the admin port.
public final class AdminApi implements AutoCloseable {
  /// Manifest and configuration are at most 4 MiB each, in base64.
  private static final long MAX_REQUEST = 12L << 20;

  private static final int OPERATIONS = 2;
  private static final int WAITING_OPERATIONS = 32;

  private final Slot slot;
  private final Swaps swaps;
  private final Metrics metrics;
  private final AdminGate gate;
  private final Audit audit;
  private final StatusPage status;
  private final Uploads uploads;
  private final BodyMemory bodies = new BodyMemory();
  private final ThreadPoolExecutor operations =
      new ThreadPoolExecutor(
          OPERATIONS,
          OPERATIONS,
          0,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(WAITING_OPERATIONS),
          Thread.ofPlatform().daemon().name("mlo-admin-", 0).factory());

  public AdminApi(
      Slot slot, Swaps swaps, Metrics metrics, AdminGate gate, Audit audit, StatusPage status) {
    this.slot = slot;
    this.swaps = swaps;
    this.metrics = metrics;
    this.gate = gate;
    this.audit = audit;
    this.status = status;
    this.uploads = new Uploads(swaps);
  }

  /// @param port 0: any free one
  public HttpPort on(String host, int port, AccessLog log) {
    List<Route> routes =
        Stream.concat(
                Stream.of(
                    Route.of("GET", "/metrics", this::metrics),
                    Route.of("GET", "/healthz", new HealthApi(slot)::live),
                    Route.of("POST", "/mlo/v1/swaps", changing(this::start)),
                    Route.of("GET", "/mlo/v1/swaps/{id}", reading(this::swap)),
                    Route.of("POST", "/mlo/v1/swaps/{id}/abort", changing(this::abort)),
                    Route.of("PUT", "/mlo/v1/blobs/{digest}", changing(uploads::receive)),
                    Route.of("POST", "/mlo/v1/rollback", changing(this::rollback)),
                    Route.of("GET", "/mlo/v1/status", reading(this::status)),
                    Route.of("GET", "/mlo/v1/history", reading(this::history))),
                new HealthApi(slot).routes().stream())
            .toList();
    return new HttpPort(
        "admin", host, port, new Router(routes, () -> slot.serving(Role.ACTIVE)), log);
  }

  private Endpoint reading(Endpoint endpoint) {
    return exchange -> {
      gate.admit(exchange);
      endpoint.handle(exchange);
    };
  }

  private Endpoint changing(Endpoint endpoint) {
    return exchange -> {
      String by = "";
      try {
        by = gate.admit(exchange);
      } finally {
        String who = by;
        exchange.whenAnswered(code -> audit.changed(exchange, who, code));
      }
      endpoint.handle(exchange);
    };
  }

  private void metrics(Exchange exchange) throws Exception {
    exchange.send(200, "text/plain; version=0.0.4; charset=utf-8", metrics.text(), Map.of());
  }

  /// Work that touches a disk or a lock: not for the thread that reads the connections.
  private void operate(Exchange exchange, Endpoint work) {
    try {
      operations.execute(() -> work(exchange, work));
    } catch (RejectedExecutionException e) {
      exchange.fail(e);
    }
  }

  private static void work(Exchange exchange, Endpoint work) {
    try {
      work.handle(exchange);
    } catch (Exception | LinkageError e) {
      exchange.fail(e);
    }
  }

  private void start(Exchange exchange) throws HttpRefusal {
    BodyReader.read(
        exchange,
        bodies,
        MAX_REQUEST,
        body ->
            operate(
                exchange,
                one -> {
                  Swaps.Started started = swaps.start(request(body));
                  SwapReport report = started.report();
                  one.send(
                      started.begun() ? 202 : 200,
                      "application/json",
                      Json.compact(report),
                      started.begun()
                          ? Map.of("Location", "/mlo/v1/swaps/" + report.id())
                          : Map.of());
                }));
  }

  private static SwapRequest request(byte[] body) throws Exception {
    SwapRequest request = Json.parse(body, SwapRequest.class);
    boolean complete =
        Stream.of(request.image(), request.digest(), request.manifest(), request.config())
            .allMatch(java.util.Objects::nonNull);
    if (!complete) {
      throw new HttpRefusal(
          400, "malformed", "a swap needs `image`, `digest`, `manifest` and `config`");
    }
    return request;
  }

  private void swap(Exchange exchange) throws Exception {
    String id = exchange.path("id");
    Duration wait = Wait.of(exchange.request());
    if (wait.isZero()) {
      exchange.json(200, swaps.report(id));
      return;
    }
    exchange.request().addIdleTimeoutListener(timeout -> false);
    Scheduler.Task timer =
        exchange
            .request()
            .getComponents()
            .getScheduler()
            .schedule(
                () -> operate(exchange, one -> one.json(200, swaps.report(id))),
                wait.toMillis(),
                TimeUnit.MILLISECONDS);
    exchange.whenAnswered(code -> timer.cancel());
    CompletableFuture<Void> told =
        swaps.nextState(id).thenAccept(report -> operate(exchange, one -> one.json(200, report)));
    exchange.whenAnswered(code -> told.cancel(false));
  }

  private void abort(Exchange exchange) {
    operate(exchange, one -> one.json(202, swaps.abort(one.path("id"))));
  }

  private void rollback(Exchange exchange) {
    operate(exchange, one -> one.json(200, swaps.rollback(null)));
  }

  private void status(Exchange exchange) {
    exchange.json(200, status.now(slot, swaps, metrics));
  }

  private void history(Exchange exchange) {
    var answer = Json.object().put("schemaVersion", 1);
    var entries = answer.putArray("entries");
    swaps.history().forEach(entry -> entries.add(Json.tree(entry)));
    exchange.json(200, answer);
  }

  @Override
  public void close() {
    operations.shutdown();
    uploads.close();
  }
}
