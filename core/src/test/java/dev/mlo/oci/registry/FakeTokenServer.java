package dev.mlo.oci.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A token server in this process. It gives `token-1`, `token-2` and so on, until it is told
/// otherwise.
final class FakeTokenServer implements AutoCloseable {
  /// What it was asked.
  ///
  /// @param parameters `name=value` of the query and the form, decoded, in order
  record Asked(String method, List<String> parameters, @Nullable String authorization) {}

  /// @param location where it sends on to, or `null`
  record Answer(int status, String body, @Nullable String location) {
    Answer(int status, String body) {
      this(status, body, null);
    }
  }

  interface Behaviour {
    Answer answer(Asked asked) throws IOException;
  }

  final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final AtomicInteger number = new AtomicInteger();
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpServer server;
  volatile Behaviour behaviour = _ -> token("");

  FakeTokenServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(executor);
    server.createContext("/", this::handle);
    server.start();
  }

  String realm() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/token";
  }

  String challenge(String more) {
    return "Bearer realm=\"%s\",service=\"shop\"%s".formatted(realm(), more);
  }

  /// @param more further fields, with a comma before each
  Answer token(String more) {
    return new Answer(200, "{\"token\":\"token-%d\"%s}".formatted(number.incrementAndGet(), more));
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      var parameters = new ArrayList<String>();
      String form = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      for (String part : (exchange.getRequestURI().getRawQuery() + "&" + form).split("&", -1)) {
        if (part.contains("=")) {
          parameters.add(URLDecoder.decode(part, UTF_8));
        }
      }
      Asked request =
          new Asked(
              exchange.getRequestMethod(),
              List.copyOf(parameters),
              exchange.getRequestHeaders().getFirst("Authorization"));
      asked.add(request);
      Answer answer = behaviour.answer(request);
      if (answer.location() != null) {
        exchange.getResponseHeaders().add("Location", answer.location());
      }
      byte[] body = answer.body().getBytes(UTF_8);
      exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    executor.close();
  }
}
