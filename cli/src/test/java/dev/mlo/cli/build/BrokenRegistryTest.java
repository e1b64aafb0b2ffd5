package dev.mlo.cli.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.mlo.cli.Installation;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DigestMismatchException;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.FileOwner;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.TempFiles;
import dev.mlo.oci.UnavailableException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Bases from a registry that misbehaves on command.
final class BrokenRegistryTest {
  @TempDir Path temporary;

  private final Map<String, byte[]> contents = new HashMap<>();
  private final AtomicInteger layersAsked = new AtomicInteger();

  /// How often, by path.
  private final Map<String, Integer> asked = new ConcurrentHashMap<>();

  private String large = "";
  private String configuration = "";
  private Answer layers = BrokenRegistryTest::whole;
  private Installation installation = new Installation(Path.of(""));
  private HttpServer server = serverOfNothing();

  @FunctionalInterface
  private interface Answer {
    void to(HttpExchange exchange, byte[] content) throws IOException;
  }

  private static HttpServer serverOfNothing() {
    try {
      return HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @BeforeEach
  void start() throws IOException {
    installation = Fixture.installation(temporary.resolve("home"));
    TestBase base = TestBase.withGlibc(installation);
    ImageConfig config = base.config();
    List<Descriptor> descriptors = new ArrayList<>();
    for (byte[] layer : base.layers) {
      descriptors.add(Descriptor.of(MediaTypes.LAYER_TAR, layer));
      contents.put("/v2/base/blobs/" + Digest.sha256(layer), layer);
    }
    Descriptor described = Descriptor.of(MediaTypes.CONFIG, config.write());
    configuration = described.digest().toString();
    contents.put("/v2/base/blobs/" + configuration, config.write());
    contents.put(
        "/v2/base/manifests/1",
        new Manifest(MediaTypes.MANIFEST, null, described, descriptors, null, Map.of()).write());
    large = "/v2/base/blobs/" + descriptors.getFirst().digest();
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            String path = exchange.getRequestURI().getPath();
            asked.merge(path, 1, Integer::sum);
            if (path.equals(large)) {
              layersAsked.incrementAndGet();
              layers.to(exchange, contents.getOrDefault(path, new byte[0]));
            } else if (contents.containsKey(path)) {
              whole(exchange, contents.getOrDefault(path, new byte[0]));
            } else {
              exchange.sendResponseHeaders(404, -1);
            }
          }
        });
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  private static void whole(HttpExchange exchange, byte[] content) throws IOException {
    exchange.sendResponseHeaders(200, content.length);
    exchange.getResponseBody().write(content);
  }

  private static void cut(HttpExchange exchange, byte[] content) throws IOException {
    exchange.sendResponseHeaders(200, content.length);
    exchange.getResponseBody().write(content, 0, content.length / 2);
    exchange.getResponseBody().flush();
  }

  private RunnerImage.Built build() throws IOException {
    return new RunnerImage(installation, BuildLog.SILENT)
        .build(
            Fixture.on(
                "127.0.0.1:" + server.getAddress().getPort() + "/base:1",
                TestBase.AMD64,
                Map.of("DOCKER_CONFIG", temporary.toString())));
  }

  private void ends(Class<? extends Exception> how) {
    assertThatThrownBy(this::build).isInstanceOf(how);
    assertThat(installation.store()).doesNotExist();
  }

  @Test
  void aBrokenConnectionIsTakenUpAgain() throws IOException {
    layers =
        (exchange, content) -> {
          if (layersAsked.get() == 1) {
            cut(exchange, content);
          } else {
            whole(exchange, content);
          }
        };
    assertThat(build().layers()).hasSize(5);
    assertThat(layersAsked).hasValue(2);
  }

  @Test
  void aConnectionThatKeepsBreakingEnds() {
    layers = BrokenRegistryTest::cut;
    ends(UnavailableException.class);
    assertThat(layersAsked).hasValueGreaterThan(2);
  }

  @Test
  void theNextRunGoesOnWithWhatHasArrived() throws IOException {
    layers = BrokenRegistryTest::cut;
    ends(UnavailableException.class);
    List<Path> left = fetched();
    assertThat(left).hasSize(1);
    Files.createDirectory(left.getFirst().resolveSibling(".fetch-nobody-0123456789ab-1"));

    layers = BrokenRegistryTest::whole;
    assertThat(build().layers()).hasSize(5);
    contents.keySet().stream()
        .filter(path -> path.contains("/blobs/") && !path.equals(large))
        .filter(path -> !path.endsWith(configuration))
        .forEach(path -> assertThat(asked).containsEntry(path, 1));
    assertThat(fetched())
        .extracting(Path::getFileName)
        .hasToString("[.fetch-nobody-0123456789ab-1]");
  }

  @Test
  void whatAProcessLeftBeforeTheMachineStartedIsToldByMoreThanItsNumber() throws Exception {
    layers = BrokenRegistryTest::cut;
    ends(UnavailableException.class);
    Path left = fetched().getFirst();
    String mine = FileOwner.me().toString();
    Path alive = left.resolveSibling(name(left, mine));
    Path reused = left.resolveSibling(name(left, "0123456789ab-" + FileOwner.me().process()));

    Files.move(left, alive);
    ends(UnavailableException.class);
    assertThat(alive).as("its owner still works").exists();

    for (Path other : fetched()) {
      if (!other.equals(alive)) {
        TempFiles.delete(other);
      }
    }
    Files.move(alive, reused);
    Files.setLastModifiedTime(reused, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
    layers = BrokenRegistryTest::whole;
    assertThat(build().layers()).hasSize(5);
    assertThat(reused).as("another process has the number now").doesNotExist();
  }

  private static String name(Path left, String owner) {
    return left.getFileName().toString().replace("nobody", owner);
  }

  private List<Path> fetched() throws IOException {
    try (Stream<Path> all = Files.list(installation.home())) {
      return all.filter(path -> path.getFileName().toString().startsWith(".fetch-")).toList();
    }
  }

  @Test
  void interruptingEndsTheWaitForARegistryThatStalls() throws Exception {
    Thread builder = Thread.currentThread();
    CountDownLatch ended = new CountDownLatch(1);
    layers =
        (exchange, content) -> {
          cut(exchange, content);
          builder.interrupt();
          try {
            ended.await();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
        };
    try {
      assertThat(catchThrowableOfType(InterruptedIOException.class, this::build)).isNotNull();
      assertThat(Thread.interrupted()).isTrue();
    } finally {
      ended.countDown();
    }
    assertThat(installation.store()).doesNotExist();
  }

  @Test
  void otherBytesAreDamage() {
    layers =
        (exchange, content) -> {
          byte[] other = content.clone();
          other[other.length / 2] ^= 1;
          whole(exchange, other);
        };
    ends(DigestMismatchException.class);
    assertThat(layersAsked).hasValue(3);
  }

  @Test
  void bytesThatCameWrongOnceAreFetchedAgain() throws IOException {
    layers =
        (exchange, content) -> {
          byte[] other = content.clone();
          other[other.length / 2] ^= (byte) (layersAsked.get() < 3 ? 1 : 0);
          whole(exchange, other);
        };
    assertThat(build().layers()).hasSize(5);
    assertThat(layersAsked).hasValue(3);
  }

  @Test
  void moreBytesThanToldAreNotTaken() {
    layers = (exchange, content) -> whole(exchange, Arrays.copyOf(content, content.length + 1));
    ends(DigestMismatchException.class);
  }

  @Test
  void manifestsThatAreNoneAreDamage() {
    String manifest = "/v2/base/manifests/1";
    for (String text : List.of("", "<html>", "[]", "{}", "{\"schemaVersion\":2}")) {
      contents.put(manifest, text.getBytes(StandardCharsets.UTF_8));
      ends(DocumentException.class);
    }
    contents.put(
        manifest,
        "{\"schemaVersion\":1,\"fsLayers\":[],\"history\":[]}".getBytes(StandardCharsets.UTF_8));
    assertThatThrownBy(this::build).hasMessageContaining("schema 1");
  }
}
