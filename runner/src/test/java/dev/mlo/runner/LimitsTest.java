package dev.mlo.runner;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.runner.fake.FakeBackend;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LimitsTest {
  @TempDir Path root;

  private Fixture limited(Map<String, String> environment) throws Exception {
    return new Fixture(root, ModelImage.adding("1.0.0", 1), environment);
  }

  @Test
  void refusesWhatTheQueueCannotHoldAndStaysResponsive() throws Exception {
    try (Fixture runner = limited(Map.of("MLO_WORKERS", "1", "MLO_QUEUE", "1"))) {
      List<CompletableFuture<Caller.Answer>> held = new ArrayList<>();
      held.add(runner.caller.sendAsync(runner.caller.inference(FakeBackend.BLOCK)));
      runner.backend.awaitBlocked(1);
      // One waits in the queue; which of the two it is does not matter.
      held.add(runner.caller.sendAsync(runner.caller.inference(1)));
      held.add(runner.caller.sendAsync(runner.caller.inference(2)));
      CompletableFuture.anyOf(held.get(1), held.get(2)).join();

      var refused = held.get(1).isDone() ? held.get(1).join() : held.get(2).join();
      assertThat(refused.status()).isEqualTo(429);
      assertThat(refused.headers().firstValue("Retry-After")).isPresent();
      assertThat(runner.caller.get("/v2/health/ready").status()).isEqualTo(200);
      assertThat(runner.caller.send(runner.caller.stranger("/metrics")).body())
          .contains("code=\"rejected\"")
          .contains("mlo_inference_queue_size 1.0");
      assertThat(runner.caller.send(runner.caller.admin("/mlo/v1/status")).status()).isEqualTo(200);

      runner.backend.unblock();
      assertThat(held.stream().map(one -> one.join().status())).containsOnlyOnce(429).contains(200);
    }
  }

  @Test
  void answersInTimeEvenWhenTheEngineDoesNot() throws Exception {
    try (Fixture runner =
        limited(Map.of("MLO_WORKERS", "1", "MLO_QUEUE", "1", "MLO_TIMEOUT_MS", "300"))) {
      var running = runner.caller.sendAsync(runner.caller.inference(FakeBackend.BLOCK));
      runner.backend.awaitBlocked(1);

      assertThat(running.join().status()).isEqualTo(504);
      assertThat(running.join().error()).contains("300 ms");
      // The engine was told to stop, so the only worker is free again.
      assertThat(runner.caller.infer(1).status()).isEqualTo(200);
      assertThat(runner.caller.send(runner.caller.stranger("/metrics")).body())
          .contains("code=\"timeout\"")
          .doesNotContain("code=\"model_error\"");
    }
  }

  @Test
  void closesTheAdminApiWithoutAToken() throws Exception {
    try (Fixture runner = limited(Map.of("MLO_ADMIN_TOKEN_FILE", ""))) {
      var status = runner.caller.send(runner.caller.admin("/mlo/v1/status"));
      assertThat(status.status()).isEqualTo(403);
      assertThat(runner.caller.send(runner.caller.stranger("/metrics")).status()).isEqualTo(200);
    }
  }

  @Test
  void opensTheAdminApiToThisMachineWhenToldButNotToItsWebPages() throws Exception {
    try (Fixture runner =
        limited(Map.of("MLO_ADMIN_TOKEN_FILE", "", "MLO_ADMIN_OPEN", "loopback"))) {
      assertThat(runner.caller.send(runner.caller.stranger("/mlo/v1/status")).status())
          .isEqualTo(200);
      var page =
          runner
              .caller
              .stranger("/mlo/v1/rollback")
              .header("Origin", "https://evil.example")
              .POST(HttpRequest.BodyPublishers.noBody());
      assertThat(runner.caller.send(page).status()).isEqualTo(403);
    }
  }

  /// A name that begins like this machine's address is somebody's: his page would read what an open
  /// API says, once his name points here.
  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:80,200",
    "127.1.2.3,200",
    "localhost,200",
    "[::1]:8082,200",
    "127.evil.example,403",
    "127.0.0.1.evil.example:80,403",
    "evil.example,403",
  })
  void opensTheAdminApiToThisMachinesOwnNamesOnly(String host, int status) throws Exception {
    try (Fixture runner =
        limited(Map.of("MLO_ADMIN_TOKEN_FILE", "", "MLO_ADMIN_OPEN", "loopback"))) {
      assertThat(
              RawHttp.send(
                  runner.service.adminPort(),
                  "GET /mlo/v1/status HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n"
                      .formatted(host)))
          .startsWith("HTTP/1.1 " + status + " ");
    }
  }

  @Test
  void finishesWhatIsUnderWayWhenItStops() throws Exception {
    Fixture runner = limited(Map.of("MLO_WORKERS", "2"));
    var slow = runner.caller.sendAsync(runner.caller.inference(FakeBackend.BLOCK));
    runner.backend.awaitBlocked(1);

    var closing = CompletableFuture.runAsync(runner.service::close);
    for (int i = 0; i < 1000 && !isStopping(runner); i++) {
      Thread.onSpinWait();
    }
    runner.backend.unblock();

    closing.join();
    assertThat(slow.join().status()).isEqualTo(200);
    assertThat(runner.backend.violations()).isZero();
    assertThat(runner.backend.open()).isZero();
    runner.caller.close();
  }

  /// Whoever kept his connection learns from the answer that it was the last one.
  @Test
  void answersOnConnectionsThatWereKeptWhenItStops() throws Exception {
    Fixture runner = limited(Map.of("MLO_WORKERS", "2"));
    int port = runner.service.httpPort();
    var slow = runner.caller.sendAsync(runner.caller.inference(FakeBackend.BLOCK));
    runner.backend.awaitBlocked(1);
    String answers;
    CompletableFuture<Void> closing;
    try (Socket kept = new Socket(InetAddress.getLoopbackAddress(), port)) {
      kept.setSoTimeout(10_000);
      write(kept, "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n");
      assertThat((char) kept.getInputStream().read()).isEqualTo('H');
      write(kept, "GET /livez HTTP/1.1\r\nHost: x\r\nName: ");

      closing = CompletableFuture.runAsync(runner.service::close);
      while (accepts(port)) {
        // Not idle, however slow this machine is.
        write(kept, "x");
        Thread.sleep(5);
      }
      write(kept, "\r\n\r\n");
      answers = new String(kept.getInputStream().readAllBytes(), US_ASCII);
    }
    runner.backend.unblock();
    closing.join();
    assertThat(answers)
        .containsOnlyOnce("Connection: close\r\n")
        .matches("(?s)TTP/1.1 200 .*\\{\"live\":true}HTTP/1.1 200 .*: close\r\n.*");
    assertThat(slow.join().status()).isEqualTo(200);
    runner.caller.close();
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(US_ASCII));
  }

  private static boolean accepts(int port) throws IOException {
    try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return true;
    } catch (SocketException e) {
      // Refused, or the port closed before it took the connection.
      return false;
    }
  }

  private static boolean isStopping(Fixture runner) {
    try {
      return runner.caller.send(runner.caller.stranger("/readyz")).status() == 503;
    } catch (Exception e) {
      return true;
    }
  }
}
