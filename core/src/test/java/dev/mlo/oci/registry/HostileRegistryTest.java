package dev.mlo.oci.registry;

import static dev.mlo.oci.registry.FakeRegistry.status;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.sun.net.httpserver.HttpExchange;
import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.DeniedException;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.DigestMismatchException;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.NotFoundException;
import dev.mlo.oci.OciException;
import dev.mlo.oci.UnavailableException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// One row for each way in which a registry misbehaves: how the copy ends. Whatever it is, no name
/// appears before its image is whole, nothing half-written stays, and the next copy finishes.
@Timeout(120)
class HostileRegistryTest {
  private static final Duration LONGEST = Duration.ofSeconds(10);

  @TempDir Path temp;
  private FakeRegistry registry;
  private Shelf shelf;
  private Descriptor layer;
  private Descriptor image;

  /// What goes wrong.
  interface Sabotage {
    void on(FakeRegistry registry, Descriptor image, Descriptor layer) throws IOException;
  }

  record Row(String what, Class<? extends OciException> kind, String words, Sabotage sabotage) {
    @Override
    public String toString() {
      return what;
    }
  }

  @BeforeEach
  void start() throws IOException {
    registry = new FakeRegistry();
    shelf = new Shelf(temp.resolve("layout"), Duration.ofMillis(500));
    layer = shelf.layer("weights ".repeat(40_000));
    image = shelf.image(layer);
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private RegistryStore store() throws IOException {
    return shelf.store(registry, "ml/iris");
  }

  private static Sabotage always(String method, String part, FakeRegistry.Fault fault) {
    return (registry, _, _) -> registry.always(method, part, fault);
  }

  /// Headers and the first bytes come, then nothing.
  private static FakeRegistry.Fault stall(int bytes) {
    return exchange -> {
      begin(exchange, bytes);
      return true;
    };
  }

  private static void begin(HttpExchange exchange, int bytes) throws IOException {
    exchange.getRequestBody().readAllBytes();
    exchange.getResponseHeaders().add("Content-Type", MediaTypes.MANIFEST);
    exchange.sendResponseHeaders(200, 1_000_000);
    exchange.getResponseBody().write(new byte[bytes]);
    exchange.getResponseBody().flush();
  }

  private static FakeRegistry.Fault cut(int bytes) {
    return exchange -> {
      begin(exchange, bytes);
      throw new IOException("cut");
    };
  }

  private static FakeRegistry.Fault dead() {
    return exchange -> {
      exchange.close();
      return true;
    };
  }

  /// Bytes, as long as somebody takes them.
  private static FakeRegistry.Fault endless(int status) {
    return exchange -> {
      exchange.getRequestBody().readAllBytes();
      exchange.getResponseHeaders().add("Content-Type", MediaTypes.MANIFEST);
      exchange.sendResponseHeaders(status, 0);
      try (OutputStream out = exchange.getResponseBody()) {
        while (true) {
          out.write(new byte[1 << 16]);
        }
      }
    };
  }

  private static FakeRegistry.Fault compressed() {
    return exchange -> {
      var bytes = new ByteArrayOutputStream();
      try (OutputStream gzip = new GZIPOutputStream(bytes)) {
        gzip.write(new byte[8 << 20]);
      }
      exchange.getResponseHeaders().add("Content-Encoding", "gzip");
      exchange.getResponseHeaders().add("Content-Type", MediaTypes.MANIFEST);
      FakeRegistry.answer(exchange, 200, bytes.toByteArray());
      return true;
    };
  }

  private static Sabotage document(String type, String text) {
    return (registry, image, layer) -> {
      String json =
          text.replace("LAYER", layer.digest().toString())
              .replace("IMAGE", image.digest().toString());
      registry.manifests.put("1.0.0", json.getBytes(UTF_8));
      registry.types.put("1.0.0", type);
    };
  }

  private static Row row(
      String what, Class<? extends OciException> kind, String words, Sabotage sabotage) {
    return new Row(what, kind, words, sabotage);
  }

  /// What answers to any request at all.
  private static List<Row> answers(String method, String part) {
    String web = "<html><title>Please log in</title>";
    var rows = new ArrayList<Row>();
    rows.add(
        row(
            "never answers",
            UnavailableException.class,
            "no answer for 500 ms, tried 3 times",
            always(method, part, _ -> true)));
    rows.add(row("dies", UnavailableException.class, "connection", always(method, part, dead())));
    rows.add(
        row(
            "401 without a word",
            DeniedException.class,
            "as anonymous: status 401",
            always(method, part, status(401, ""))));
    rows.add(
        row(
            "401 again and again",
            DeniedException.class,
            "status 401",
            always(method, part, status(401, "", "WWW-Authenticate", "Basic realm=\"x\""))));
    rows.add(
        row(
            "403",
            DeniedException.class,
            "not yours (DENIED), status 403",
            always(
                method,
                part,
                status(403, "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"not yours\"}]}"))));
    for (int status : List.of(405, 413, 414, 431, 418, 500, 502, 503, 504, 507, 599)) {
      rows.add(
          row(
              "" + status,
              UnavailableException.class,
              "status " + status,
              always(method, part, status(status, ""))));
    }
    for (String rest : List.of("1", "99999999999999999999", "86400", "-1", "tomorrow")) {
      rows.add(
          row(
              "429 for " + rest,
              UnavailableException.class,
              "slow down",
              always(method, part, status(429, "slow down", "Retry-After", rest))));
    }
    rows.add(
        row(
            "a web page as an error",
            UnavailableException.class,
            "a web page titled \"Please log in\", status 418",
            always(method, part, status(418, web, "Content-Type", "text/html"))));
    rows.add(
        row(
            "an error without end",
            UnavailableException.class,
            "status 418",
            always(method, part, endless(418))));
    return rows;
  }

  static Stream<Row> reading() {
    var rows = new ArrayList<Row>();
    rows.addAll(answers("GET", "/manifests/1.0.0"));
    rows.addAll(answers("GET", "/blobs/"));
    String web = "<html><title>Please log in</title>";
    String layerOf = "{\"mediaType\":\"x\",\"digest\":\"LAYER\",\"size\":%s}";
    String manifest = "{\"schemaVersion\":2,\"config\":%s,\"layers\":[%s]}";
    String index = "{\"schemaVersion\":2,\"manifests\":[%s]}";
    String good = layerOf.formatted("320000");
    rows.addAll(
        List.of(
            row(
                "a manifest that stalls",
                UnavailableException.class,
                "nothing came for 500 ms",
                always("GET", "/manifests/1.0.0", stall(100))),
            row(
                "a manifest that is cut",
                UnavailableException.class,
                "the connection broke",
                always("GET", "/manifests/1.0.0", cut(100))),
            row(
                "a manifest without end",
                DocumentException.class,
                "more than 4194304 bytes",
                always("GET", "/manifests/1.0.0", endless(200))),
            row(
                "a manifest of one gigabyte",
                DocumentException.class,
                "more than a document may have",
                document(
                    MediaTypes.INDEX,
                    index.formatted(
                        "{\"mediaType\":\"%s\",\"digest\":\"IMAGE\",\"size\":1073741824}"
                            .formatted(MediaTypes.MANIFEST)))),
            row(
                "a manifest in a zip bomb",
                DocumentException.class,
                "",
                always("GET", "/manifests/1.0.0", compressed())),
            row(
                "a web page for a manifest",
                UnavailableException.class,
                "is it a registry?",
                always("GET", "/manifests/1.0.0", status(200, web, "Content-Type", "text/html"))),
            row(
                "a web page called a manifest",
                DocumentException.class,
                "",
                document(MediaTypes.MANIFEST, web)),
            row("nothing", DocumentException.class, "", document(MediaTypes.MANIFEST, "")),
            row(
                "a manifest called an index",
                DocumentException.class,
                "mixes what a manifest has",
                document(MediaTypes.INDEX, manifest.formatted(good, good))),
            row(
                "an index called a manifest",
                DocumentException.class,
                "mixes what a manifest has",
                document(MediaTypes.MANIFEST, index.formatted(""))),
            row(
                "a document that calls itself something else",
                DocumentException.class,
                "calls itself",
                document(
                    MediaTypes.MANIFEST,
                    "{\"mediaType\":\"%s\",\"manifests\":[]}".formatted(MediaTypes.INDEX))),
            row(
                "a document that is both",
                DocumentException.class,
                "mixes",
                document(
                    MediaTypes.MANIFEST,
                    "{\"config\":%s,\"layers\":[],\"manifests\":[]}".formatted(good))),
            row(
                "a document listed as an index and as a manifest",
                DocumentException.class,
                "",
                document(
                    MediaTypes.INDEX,
                    index.formatted(
                        Stream.of(MediaTypes.MANIFEST, MediaTypes.INDEX)
                            .map(type ->
                                "{\"mediaType\":\"%s\",\"digest\":\"IMAGE\",\"size\":SIZE}"
                                    .formatted(type))
                            .toList()
                            .toString()
                            .replaceAll("[\\[\\]]", "")))),
            row(
                "a key that stands twice",
                DocumentException.class,
                "layers",
                document(
                    MediaTypes.MANIFEST,
                    "{\"config\":%s,\"layers\":[],\"layers\":[]}".formatted(good))),
            row(
                "a size below zero",
                DocumentException.class,
                "negative",
                document(MediaTypes.MANIFEST, manifest.formatted(good, layerOf.formatted("-1")))),
            row(
                "a size that no number holds",
                DocumentException.class,
                "`size`",
                document(
                    MediaTypes.MANIFEST,
                    manifest.formatted(good, layerOf.formatted("9223372036854775808")))),
            row(
                "a size that is too large",
                UnavailableException.class,
                "320000 of 9223372036854775807 bytes",
                document(
                    MediaTypes.MANIFEST,
                    manifest.formatted(
                        layerOf.formatted("9223372036854775807"),
                        layerOf.formatted("9223372036854775807")))),
            row(
                "a size that is too small",
                DigestMismatchException.class,
                "",
                document(
                    MediaTypes.MANIFEST,
                    manifest.formatted(layerOf.formatted("3"), layerOf.formatted("3")))),
            row(
                "two sizes of one blob",
                DocumentException.class,
                "is listed with",
                document(MediaTypes.MANIFEST, manifest.formatted(good, layerOf.formatted("3")))),
            row(
                "a digest that leads elsewhere",
                DocumentException.class,
                "",
                document(
                    MediaTypes.MANIFEST,
                    manifest.formatted(
                        good, good.replace("LAYER", "sha256:../../../../etc/passwd")))),
            row(
                "an index whose child is missing",
                NotFoundException.class,
                "sha256:" + "ab".repeat(32),
                document(
                    MediaTypes.INDEX,
                    index.formatted(
                        "{\"mediaType\":\"%s\",\"digest\":\"sha256:%s\",\"size\":3}"
                            .formatted(MediaTypes.MANIFEST, "ab".repeat(32))))),
            row(
                "one wrong byte in a manifest",
                DigestMismatchException.class,
                "",
                (registry, image, _) -> {
                  byte[] bytes = registry.manifest(image.digest().toString()).clone();
                  bytes[bytes.length - 3] ^= 1;
                  registry.manifests.put(image.digest().toString(), bytes);
                  document(
                          MediaTypes.INDEX,
                          index.formatted(
                              "{\"mediaType\":\"%s\",\"digest\":\"IMAGE\",\"size\":%d}"
                                  .formatted(MediaTypes.MANIFEST, image.size())))
                      .on(registry, image, image);
                }),
            row(
                "a blob that is missing",
                NotFoundException.class,
                "status 404",
                (registry, _, layer) -> registry.blobs.remove(layer.digest().toString())),
            row(
                "a blob that stalls",
                UnavailableException.class,
                "nothing came for 500 ms",
                always("GET", "/blobs/", stall(0))),
            row(
                "a blob without end",
                DigestMismatchException.class,
                "",
                always("GET", "/blobs/", endless(200))),
            row(
                "one wrong byte in a blob",
                DigestMismatchException.class,
                "its bytes are those of",
                (registry, _, layer) -> {
                  byte[] bytes = registry.blob(layer.digest()).clone();
                  bytes[bytes.length / 2] ^= 1;
                  registry.blobs.put(layer.digest().toString(), bytes);
                }),
            row(
                "a blob that is too short",
                UnavailableException.class,
                "100 of 320000 bytes",
                (registry, _, layer) ->
                    registry.blobs.computeIfPresent(
                        layer.digest().toString(), (_, bytes) -> Arrays.copyOf(bytes, 100))),
            row(
                "a part that begins elsewhere",
                UnavailableException.class,
                "the connection broke: fixed content-length: 1000000, bytes received: 1000",
                (registry, _, layer) ->
                    registry.always(
                        "GET",
                        "/blobs/" + layer.digest(),
                        exchange -> {
                          if (!exchange.getRequestHeaders().containsKey("Range")) {
                            return cut(1000).answers(exchange);
                          }
                          exchange.getResponseHeaders().add("Content-Range", "bytes 7-9/10");
                          FakeRegistry.answer(exchange, 206, new byte[3]);
                          return true;
                        })),
            row(
                "redirects in a circle",
                UnavailableException.class,
                "sends us in circles",
                (registry, _, layer) ->
                    registry.always(
                        "GET",
                        "/blobs/",
                        status(
                            307,
                            "",
                            "Location",
                            registry.uri("/v2/ml/iris/blobs/" + layer.digest()).toString()))),
            row(
                "a redirect to a file",
                UnavailableException.class,
                "an address that is none",
                always("GET", "/blobs/", status(302, "", "Location", "file:///etc/passwd"))),
            row(
                "a redirect to nowhere",
                UnavailableException.class,
                "status 302",
                always("GET", "/blobs/", status(302, "")))));
    return rows.stream();
  }

  @ParameterizedTest
  @MethodSource("reading")
  void reading(Row row) throws IOException {
    shelf.push(image, store(), "1.0.0");
    Map<String, byte[]> blobs = new HashMap<>(registry.blobs);
    Map<String, byte[]> manifests = new HashMap<>(registry.manifests);
    Map<String, String> types = new HashMap<>(registry.types);
    row.sabotage().on(registry, image, layer);
    registry.manifests.computeIfPresent("1.0.0", (_, bytes) -> sized(bytes));
    LayoutStore target = LayoutStore.create(temp.resolve("target"));

    ends(row, () -> pull(target));

    assertThat(target.tags()).isEmpty();
    try (Stream<Path> files = Files.list(temp.resolve("target/blobs"))) {
      assertThat(files.map(Path::getFileName).map(Path::toString))
          .noneMatch(name -> name.startsWith(".tmp"));
    }
    registry.faults.clear();
    registry.blobs.putAll(blobs);
    registry.manifests.putAll(manifests);
    registry.types.putAll(types);
    pull(target);
    Copy.verify(target, target.resolve("iris:1.0.0"), CopyLog.SILENT);
  }

  private byte[] sized(byte[] bytes) {
    String text = new String(bytes, UTF_8);
    return text.contains("SIZE")
        ? text.replace("SIZE", String.valueOf(image.size())).getBytes(UTF_8)
        : bytes;
  }

  private void pull(LayoutStore target) throws IOException {
    RegistryStore from = store();
    Descriptor root = from.resolve("1.0.0");
    Copy.copy(from, root, target, CopyLog.SILENT);
    target.tag("iris:1.0.0", root);
  }

  private interface Step {
    void run() throws IOException;
  }

  private static void ends(Row row, Step step) {
    long started = System.nanoTime();
    Throwable failure = catchThrowable(step::run);
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(LONGEST);
    assertThat(failure).as("%s", row).isInstanceOf(row.kind()).hasMessageContaining(row.words());
    assertThat(String.valueOf(failure.getMessage())).doesNotContain("\n").hasSizeLessThan(700);
  }

  static Stream<Row> writing() {
    var rows = new ArrayList<Row>();
    rows.addAll(answers("POST", "/blobs/uploads/"));
    rows.addAll(answers("PUT", "/blobs/uploads/"));
    rows.addAll(answers("PUT", "/manifests/sha256:"));
    rows.addAll(answers("PUT", "/manifests/1.0.0"));
    rows.addAll(
        List.of(
            row(
                "an upload that leads nowhere",
                UnavailableException.class,
                "does not say where to send it",
                always("POST", "/blobs/uploads/", status(202, ""))),
            row(
                "an upload that leads to a file",
                UnavailableException.class,
                "an address that is none",
                always("POST", "/blobs/uploads/", status(202, "", "Location", "file:///tmp/x"))),
            row(
                "a web page for an upload",
                UnavailableException.class,
                "a web page titled",
                always(
                    "POST",
                    "/blobs/uploads/",
                    status(200, "<html><title>Hi</title>", "Content-Type", "text/html"))),
            row(
                "a blob that arrives damaged",
                DigestMismatchException.class,
                "arrives damaged, twice",
                always(
                    "PUT",
                    "/blobs/uploads/",
                    status(400, "{\"errors\":[{\"code\":\"DIGEST_INVALID\"}]}"))),
            row(
                "an upload that is always forgotten",
                UnavailableException.class,
                "the upload was lost, status 404",
                always(
                    "PUT",
                    "/blobs/uploads/",
                    status(404, "{\"errors\":[{\"code\":\"BLOB_UPLOAD_UNKNOWN\"}]}"))),
            row(
                "a registry that only says that it has a blob",
                UnavailableException.class,
                "MANIFEST_BLOB_UNKNOWN",
                (registry, _, _) -> {
                  registry.always("PUT", "/blobs/uploads/", status(201, ""));
                  registry.always(
                      "PUT",
                      "/manifests/",
                      status(400, "{\"errors\":[{\"code\":\"MANIFEST_BLOB_UNKNOWN\"}]}"));
                })));
    return rows.stream();
  }

  @ParameterizedTest
  @MethodSource("writing")
  void writing(Row row) throws IOException {
    row.sabotage().on(registry, image, layer);
    ends(row, () -> shelf.push(image, store(), "1.0.0"));
    assertThat(registry.manifests).doesNotContainKey("1.0.0");
    registry.faults.clear();
    shelf.push(image, store(), "1.0.0");
    Copy.verify(store(), store().resolve("1.0.0"), CopyLog.SILENT);
  }

  @Test
  void nobodyIsSilentForTenSeconds() {
    assertThat(Patience.USUAL.connect()).isLessThan(LONGEST);
    assertThat(Patience.USUAL.silence()).isLessThan(LONGEST);
    assertThat(Patience.USUAL.after(32 << 20)).isLessThan(LONGEST);
  }
}
