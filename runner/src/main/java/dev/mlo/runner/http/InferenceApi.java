package dev.mlo.runner.http;

import dev.mlo.contract.Serving;
import dev.mlo.runner.slot.Lease;
import dev.mlo.runner.slot.Role;
import dev.mlo.runner.slot.Slot;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/// The Open Inference Protocol's REST side, and the page for people.
public final class InferenceApi {
  private final Slot slot;
  private final InferencePool pool;
  private final Metrics metrics;
  private final String runnerVersion;

  public InferenceApi(Slot slot, InferencePool pool, Metrics metrics, String runnerVersion) {
    this.slot = slot;
    this.pool = pool;
    this.metrics = metrics;
    this.runnerVersion = runnerVersion;
  }

  /// @param port 0: any free one
  public HttpPort on(String host, int port) {
    var health = new HealthApi(slot);
    var models = new ModelApi(slot, runnerVersion);
    List<Route> routes =
        Stream.of(
                List.of(
                    Route.of("POST", "/v2/models/{model}/infer", this::infer),
                    Route.of("POST", "/v2/models/{model}/versions/{version}/infer", this::infer),
                    Route.of("GET", "/", new FrontPage(slot)::show)),
                health.routes(),
                models.routes())
            .flatMap(List::stream)
            .toList();
    return new HttpPort("http", host, port, new Router(routes, () -> slot.serving(Role.ACTIVE)));
  }

  private void infer(Exchange exchange) throws HttpRefusal {
    Supplier<Optional<Lease>> leases = ModelApi.leases(slot, exchange);
    checkType(exchange);
    Serving serving = slot.serving(Role.ACTIVE);
    // The deadline of the answer is ours, not that of an idle connection.
    exchange.request().addIdleTimeoutListener(timeout -> false);
    BodyReader.read(
        exchange,
        pool.settings().maxRequestBytes(),
        body -> submit(exchange, body, leases, serving));
  }

  private void submit(
      Exchange exchange, byte[] body, Supplier<Optional<Lease>> leases, @Nullable Serving serving)
      throws HttpRefusal {
    var job = new InferenceJob(exchange, body, leases, pool, metrics);
    try {
      pool.submit(job);
    } catch (HttpRefusal e) {
      count(serving, Metrics.Code.REJECTED);
      throw e;
    }
    Scheduler.Task deadline =
        exchange
            .request()
            .getComponents()
            .getScheduler()
            .schedule(
                () -> expire(exchange, job, serving),
                pool.settings().timeoutMillis(),
                TimeUnit.MILLISECONDS);
    exchange.whenAnswered(status -> deadline.cancel());
  }

  /// Answers 504 and frees the place in the queue. A job that has begun keeps its worker until the
  /// engine returns; nothing can stop a native call.
  private void expire(Exchange exchange, InferenceJob job, @Nullable Serving serving) {
    Duration limit = Duration.ofMillis(pool.settings().timeoutMillis());
    var refusal =
        new HttpRefusal(504, "timeout", "there was no answer within " + limit.toMillis() + " ms");
    if (exchange.fail(refusal)) {
      count(serving, Metrics.Code.TIMEOUT);
    }
    pool.withdraw(job);
  }

  private void count(@Nullable Serving serving, Metrics.Code code) {
    if (serving != null) {
      metrics.turnedAway(serving.model(), serving.version(), code);
    }
  }

  private static void checkType(Exchange exchange) throws HttpRefusal {
    String type = exchange.header(HttpHeader.CONTENT_TYPE.asString());
    if (exchange.header("Inference-Header-Content-Length") != null) {
      throw new HttpRefusal(
          415, "unsupported_media_type", "the binary tensor extension is not spoken here");
    }
    if (type != null && !isJson(type)) {
      throw new HttpRefusal(
          415, "unsupported_media_type", "the body is `" + type + "`, not application/json");
    }
    String encoding = exchange.header(HttpHeader.CONTENT_ENCODING.asString());
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw new HttpRefusal(
          415, "unsupported_media_type", "the body is encoded as `" + encoding + "`");
    }
  }

  /// What a form posts is what `curl -d` says unless it is told otherwise; the body is JSON or it
  /// is refused as none.
  private static boolean isJson(String type) {
    int end = type.indexOf(';');
    String bare = (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
    return bare.equals("application/json")
        || bare.endsWith("+json")
        || bare.equals("application/x-www-form-urlencoded");
  }
}
