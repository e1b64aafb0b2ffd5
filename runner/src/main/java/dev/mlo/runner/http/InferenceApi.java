package dev.mlo.runner.http;

import dev.mlo.runner.infer.AccessLog;
import dev.mlo.runner.infer.Inferences;
import dev.mlo.runner.infer.Refusal;
import dev.mlo.runner.infer.Target;
import dev.mlo.runner.slot.Role;
import dev.mlo.runner.slot.Slot;
import java.util.List;
import java.util.stream.Stream;

/// The Open Inference Protocol's REST side, and the page for people.
public final class InferenceApi {
  private final Slot slot;
  private final Inferences inferences;
  private final String runnerVersion;
  private final FrontPage page;

  public InferenceApi(Slot slot, Inferences inferences, String runnerVersion, FrontPage page) {
    this.slot = slot;
    this.inferences = inferences;
    this.runnerVersion = runnerVersion;
    this.page = page;
  }

  /// @param port 0: any free one
  public HttpPort on(String host, int port, AccessLog log) {
    var health = new HealthApi(slot);
    var models = new ModelApi(inferences, runnerVersion);
    List<Route> routes =
        Stream.of(
                List.of(
                    Route.of("POST", "/v2/models/{model}/infer", this::infer),
                    Route.of("POST", "/v2/models/{model}/versions/{version}/infer", this::infer)),
                page.routes(),
                health.routes(),
                new ExtensionApi(inferences).routes(),
                models.routes())
            .flatMap(List::stream)
            .toList();
    return new HttpPort(
        "http", host, port, new Router(routes, () -> slot.serving(Role.ACTIVE)), log);
  }

  private void infer(Exchange exchange) throws HttpRefusal, Refusal {
    Target target = inferences.target(exchange.path("model"), exchange.pathOrNull("version"));
    InferenceBody.Form form = InferenceBody.form(exchange);
    BodyCoding coding = BodyCoding.of(exchange);
    // Until there is an answer the deadline is ours; a caller who does not take it is idle.
    exchange.request().addIdleTimeoutListener(timeout -> exchange.isAnswered());
    BodyReader.read(
        exchange,
        inferences.memory(),
        inferences.maxRequestBytes(),
        body ->
            inferences.answer(
                target,
                new RestConversation(exchange, form, content(exchange, coding, body)),
                coding == BodyCoding.IDENTITY ? body.length : inferences.maxRequestBytes()));
  }

  private RestConversation.Content content(Exchange exchange, BodyCoding coding, byte[] body) {
    if (coding == BodyCoding.IDENTITY) {
      return () -> body;
    }
    var room = new BodyCoding.Room(exchange, inferences.memory(), inferences.maxRequestBytes());
    return () -> coding.plain(body, room);
  }
}
