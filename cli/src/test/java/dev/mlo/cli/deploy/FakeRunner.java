package dev.mlo.cli.deploy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.mlo.contract.ErrorReply;
import dev.mlo.contract.RunnerStatus;
import dev.mlo.contract.Serving;
import dev.mlo.contract.SwapReport;
import dev.mlo.contract.SwapRequest;
import dev.mlo.contract.SwapState;
import dev.mlo.json.Json;
import dev.mlo.oci.Digest;
import dev.mlo.oci.Manifest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A runner's admin API without a runner: it takes every model, unless a test tells it to misbehave
/// at one route.
final class FakeRunner implements AutoCloseable {
  interface Answer {
    void to(HttpExchange exchange) throws IOException;
  }

  static final Serving OLD =
      new Serving("iris", "1.0.0", "iris:1.0.0", null, "sha256:" + "1".repeat(64), 1);

  final List<String> requests = new CopyOnWriteArrayList<>();
  final List<SwapRequest> swaps = new CopyOnWriteArrayList<>();

  /// Open while somebody still waits for an answer that never comes.
  final CountDownLatch stall = new CountDownLatch(1);

  private final Map<String, Answer> misbehaviour = new ConcurrentHashMap<>();
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<SwapReport.Blob> missing = new ArrayList<>();
  private Serving active = OLD;
  private @Nullable Serving previous;
  private @Nullable SwapReport swap;
  private @Nullable String token;
  private SwapReport.@Nullable Fault fault;

  FakeRunner() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /// @param route as in `GET /mlo/v1/status`; a request counts when it starts like that
  FakeRunner at(String route, Answer answer) {
    misbehaviour.put(route, answer);
    return this;
  }

  FakeRunner behave(String route) {
    misbehaviour.remove(route);
    return this;
  }

  synchronized FakeRunner wantsToken(String value) {
    token = value;
    return this;
  }

  /// Every swap fails at its self test.
  synchronized FakeRunner fails(SwapReport.Fault reason) {
    fault = reason;
    return this;
  }

  synchronized Serving active() {
    return active;
  }

  synchronized void serve(Serving serving) {
    active = serving;
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String route = exchange.getRequestMethod() + " " + exchange.getRequestURI();
      requests.add(route);
      for (var entry : misbehaviour.entrySet()) {
        if (route.startsWith(entry.getKey())) {
          entry.getValue().to(exchange);
          return;
        }
      }
      String sent = exchange.getRequestHeaders().getFirst("Authorization");
      if (!("Bearer " + token).equals(sent) && hasToken()) {
        error(exchange, sent == null ? 401 : 403, "unauthorized", "the token is not right");
      } else {
        route(exchange, route);
      }
    }
  }

  private synchronized boolean hasToken() {
    return token != null;
  }

  private synchronized void route(HttpExchange exchange, String route) throws IOException {
    String path = exchange.getRequestURI().getPath();
    if (route.equals("GET /mlo/v1/status")) {
      json(exchange, 200, status());
    } else if (route.equals("POST /mlo/v1/swaps")) {
      start(exchange);
    } else if (route.startsWith("PUT /mlo/v1/blobs/")) {
      blob(exchange, path.substring("/mlo/v1/blobs/".length()));
    } else if (route.equals("POST /mlo/v1/rollback")) {
      rollback(exchange);
    } else if (swap != null && path.equals("/mlo/v1/swaps/" + swap.id())) {
      json(exchange, 200, swap);
    } else if (swap != null && path.equals("/mlo/v1/swaps/" + swap.id() + "/abort")) {
      swap = end(swap, SwapState.ABORTED, null);
      json(exchange, 200, swap);
    } else {
      error(exchange, 404, "not_found", "there is no " + path);
    }
  }

  private RunnerStatus status() {
    return new RunnerStatus(
        "0.1.0",
        true,
        active,
        previous,
        null,
        active.generation(),
        "image",
        List.of("onnx"),
        swap,
        0,
        1);
  }

  private void start(HttpExchange exchange) throws IOException {
    SwapRequest request = Json.parse(exchange.getRequestBody().readAllBytes(), SwapRequest.class);
    swaps.add(request);
    Long expected = request.expectedGeneration();
    if (expected != null && expected != active.generation()) {
      error(exchange, 412, "generation_mismatch", "the generation is " + active.generation());
      return;
    }
    Serving to =
        new Serving(
            "iris",
            "2.0.0",
            request.image(),
            request.digest(),
            TestImage.MODEL_DIGEST,
            active.generation() + 1);
    boolean same = active.modelDigest().equals(to.modelDigest());
    missing.clear();
    if (!same) {
      Manifest.parse(request.manifestBytes()).layers().stream()
          .filter(layer -> "model".equals(layer.annotations().get("dev.mlo.layer.role")))
          .map(layer -> new SwapReport.Blob(layer.digest().toString(), layer.size()))
          .forEach(missing::add);
    }
    SwapReport report =
        new SwapReport(
            "s1",
            request.image(),
            request.digest(),
            same ? SwapState.NOOP : SwapState.PULLING,
            active,
            to,
            List.copyOf(missing),
            Map.of(),
            null,
            active,
            null,
            request.reason());
    if (!request.dryRun()) {
      swap = report;
    }
    json(exchange, same ? 200 : 202, report);
  }

  private void blob(HttpExchange exchange, String digest) throws IOException {
    byte[] bytes = exchange.getRequestBody().readAllBytes();
    if (swap == null || !Digest.parse(digest).matches(bytes)) {
      error(exchange, 422, "digest_mismatch", "other bytes");
      return;
    }
    arrived(digest);
    exchange.sendResponseHeaders(201, -1);
  }

  /// A layer came, from whomever.
  synchronized void arrived(String digest) {
    missing.removeIf(blob -> blob.digest().equals(digest));
    if (missing.isEmpty() && swap != null) {
      swap = end(swap, fault == null ? SwapState.COMMITTED : SwapState.FAILED, fault);
    }
  }

  private SwapReport end(SwapReport report, SwapState state, SwapReport.@Nullable Fault reason) {
    if (state == SwapState.COMMITTED && report.to() != null) {
      previous = active;
      active = report.to();
    }
    return new SwapReport(
        report.id(),
        report.image(),
        report.digest(),
        state,
        report.from(),
        report.to(),
        List.of(),
        Map.of("test", 3.0, "flip", 0.02),
        reason,
        active,
        null,
        report.reason());
  }

  private void rollback(HttpExchange exchange) throws IOException {
    if (previous == null) {
      error(exchange, 409, "no_previous", "no version before is loaded");
      return;
    }
    Serving back = previous;
    previous = active;
    active = back;
    json(exchange, 200, active);
  }

  static void json(HttpExchange exchange, int status, Object value) throws IOException {
    raw(exchange, status, new String(Json.compact(value), StandardCharsets.UTF_8));
  }

  void error(HttpExchange exchange, int status, String code, String text) throws IOException {
    json(exchange, status, new ErrorReply(text, code, active()));
  }

  static void raw(HttpExchange exchange, int status, String body) throws IOException {
    exchange.getRequestBody().readAllBytes();
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  /// Holds the exchange until the test ends.
  void hang(HttpExchange exchange) {
    try {
      stall.await(30, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    stall.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
