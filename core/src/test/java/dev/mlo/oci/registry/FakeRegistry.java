package dev.mlo.oci.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.mlo.oci.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// A registry in this process that does what it is told to do wrong. A fault answers a request, or
/// lets it pass.
final class FakeRegistry implements AutoCloseable {
  interface Fault {
    /// @return whether the request was answered
    boolean answers(HttpExchange exchange) throws IOException;
  }

  final Map<String, byte[]> blobs = new ConcurrentHashMap<>();
  final Map<String, byte[]> manifests = new ConcurrentHashMap<>();
  final Map<String, String> types = new ConcurrentHashMap<>();
  final Map<String, ByteArrayOutputStream> uploads = new ConcurrentHashMap<>();

  /// `METHOD /path?query`, in order.
  final List<String> requests = new CopyOnWriteArrayList<>();

  private final AtomicInteger opened = new AtomicInteger();
  final List<Fault> faults = new CopyOnWriteArrayList<>();
  private final HttpServer server;
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();

  FakeRegistry() throws IOException {
    this(HttpServer.create(here(), 0));
  }

  /// One that speaks TLS.
  static FakeRegistry withTls(SSLContext context) throws IOException {
    HttpsServer server = HttpsServer.create(here(), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context));
    return new FakeRegistry(server);
  }

  private static InetSocketAddress here() {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
  }

  private FakeRegistry(HttpServer server) {
    this.server = server;
    server.setExecutor(executor);
    server.createContext("/", this::handle);
    server.start();
  }

  String host() {
    return "127.0.0.1:" + port();
  }

  int port() {
    return server.getAddress().getPort();
  }

  /// Once for the first request of a method whose path contains a text.
  void once(String method, String part, Fault fault) {
    faults.add(
        new Fault() {
          private boolean done;

          @Override
          public synchronized boolean answers(HttpExchange exchange) throws IOException {
            if (done || !matches(exchange, method, part)) {
              return false;
            }
            done = true;
            return fault.answers(exchange);
          }
        });
  }

  void always(String method, String part, Fault fault) {
    faults.add(exchange -> matches(exchange, method, part) && fault.answers(exchange));
  }

  private static boolean matches(HttpExchange exchange, String method, String part) {
    return exchange.getRequestMethod().equals(method)
        && exchange.getRequestURI().toString().contains(part);
  }

  static Fault status(int status, String body, String... headers) {
    return exchange -> {
      for (int i = 0; i < headers.length; i += 2) {
        exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
      }
      answer(exchange, status, body.getBytes(UTF_8));
      return true;
    };
  }

  static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
    exchange.getRequestBody().readAllBytes();
    boolean none = body.length == 0 || exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, none ? -1 : body.length);
    if (!none) {
      exchange.getResponseBody().write(body);
    }
    exchange.close();
  }

  long count(String start) {
    return requests.stream().filter(request -> request.startsWith(start)).count();
  }

  private void handle(HttpExchange exchange) throws IOException {
    requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
    for (Fault fault : faults) {
      if (fault.answers(exchange)) {
        return;
      }
    }
    serve(exchange);
  }

  void serve(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    String last = path.substring(path.lastIndexOf('/') + 1);
    if (path.contains("/blobs/uploads/")) {
      upload(exchange, path, last);
    } else if (path.contains("/blobs/")) {
      give(exchange, blobs.get(last), "application/octet-stream");
    } else if (path.contains("/manifests/") && exchange.getRequestMethod().equals("PUT")) {
      byte[] bytes = exchange.getRequestBody().readAllBytes();
      String type = exchange.getRequestHeaders().getFirst("Content-Type");
      for (String name : List.of(last, Digest.sha256(bytes).toString())) {
        manifests.put(name, bytes);
        types.put(name, type);
      }
      answer(exchange, 201, new byte[0]);
    } else if (path.contains("/manifests/")) {
      give(exchange, manifests.get(last), types.getOrDefault(last, ""));
    } else {
      answer(exchange, 404, "{\"errors\":[{\"code\":\"NAME_UNKNOWN\"}]}".getBytes(UTF_8));
    }
  }

  private static void give(HttpExchange exchange, byte @Nullable [] bytes, String type)
      throws IOException {
    if (bytes == null) {
      answer(exchange, 404, "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\"}]}".getBytes(UTF_8));
      return;
    }
    exchange.getResponseHeaders().add("Content-Type", type);
    @Nullable String range = exchange.getRequestHeaders().getFirst("Range");
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.getResponseHeaders().add("Content-Length", String.valueOf(bytes.length));
      exchange.sendResponseHeaders(200, -1);
      exchange.close();
    } else if (range != null) {
      int from = Integer.parseInt(range.replaceAll("[^0-9]", ""));
      exchange
          .getResponseHeaders()
          .add("Content-Range", "bytes %d-%d/%d".formatted(from, bytes.length - 1, bytes.length));
      answer(exchange, 206, Arrays.copyOfRange(bytes, from, bytes.length));
    } else {
      answer(exchange, 200, bytes);
    }
  }

  private void upload(HttpExchange exchange, String path, String id) throws IOException {
    String query = String.valueOf(exchange.getRequestURI().getQuery());
    switch (exchange.getRequestMethod()) {
      case "POST" -> {
        int from = query.indexOf("mount=");
        if (from >= 0 && blobs.containsKey(query.substring(from + 6, query.indexOf("&from")))) {
          answer(exchange, 201, new byte[0]);
          return;
        }
        String fresh = "u" + opened.incrementAndGet();
        uploads.put(fresh, new ByteArrayOutputStream());
        exchange.getResponseHeaders().add("Location", path + fresh + "?_state=a%2Fb");
        answer(exchange, 202, new byte[0]);
      }
      case "GET", "PATCH", "PUT" -> receive(exchange, path, id, query);
      default -> answer(exchange, 405, new byte[0]);
    }
  }

  private void receive(HttpExchange exchange, String path, String id, String query)
      throws IOException {
    @Nullable ByteArrayOutputStream upload = uploads.get(id);
    if (upload == null) {
      answer(exchange, 404, "{\"errors\":[{\"code\":\"BLOB_UPLOAD_UNKNOWN\"}]}".getBytes(UTF_8));
      return;
    }
    @Nullable String range = exchange.getRequestHeaders().getFirst("Content-Range");
    if (range != null && !range.startsWith(upload.size() + "-")) {
      exchange.getResponseHeaders().add("Range", "0-" + (upload.size() - 1));
      answer(exchange, 416, new byte[0]);
      return;
    }
    exchange.getRequestBody().transferTo(upload);
    if (exchange.getRequestMethod().equals("PUT")) {
      Digest digest = Digest.parse(query.substring(query.indexOf("digest=") + 7));
      boolean right = digest.matches(upload.toByteArray());
      if (right) {
        blobs.put(digest.toString(), upload.toByteArray());
      }
      uploads.remove(id);
      byte[] wrong = "{\"errors\":[{\"code\":\"DIGEST_INVALID\"}]}".getBytes(UTF_8);
      answer(exchange, right ? 201 : 400, right ? new byte[0] : wrong);
      return;
    }
    exchange.getResponseHeaders().add("Location", path + "?_state=c");
    exchange.getResponseHeaders().add("Range", "0-" + Math.max(0, upload.size() - 1));
    answer(exchange, exchange.getRequestMethod().equals("GET") ? 204 : 202, new byte[0]);
  }

  URI uri(String path) {
    return URI.create("http://" + host() + path);
  }

  byte[] blob(Digest digest) {
    return Objects.requireNonNull(blobs.get(digest.toString()));
  }

  byte[] manifest(String reference) {
    return Objects.requireNonNull(manifests.get(reference));
  }

  ByteArrayOutputStream upload(String id) {
    return Objects.requireNonNull(uploads.get(id));
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }
}
