package dev.mlo.runner.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.runner.infer.AccessLog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class PortConnectorTest {
  /// How often a caller comes at the moment at which the port closes: enough to meet the moment
  /// between being taken and being known (a sixtieth of the times, measured).
  private static final int STOPS = 400;

  /// Which tells of every start and stop.
  private static final Logger JETTY = Logger.getLogger("org.eclipse.jetty");

  private static final class Answering extends Handler.Abstract.NonBlocking {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
      Content.Sink.write(response, true, "answered", callback);
      return true;
    }
  }

  @BeforeAll
  static void quiet() {
    JETTY.setLevel(Level.WARNING);
  }

  @Test
  void nobodyIsLeftWaitingByAPortThatCloses() throws Exception {
    for (int i = 0; i < STOPS; i++) {
      var port =
          new HttpPort(
              "test",
              "127.0.0.1",
              0,
              new Answering(),
              new AccessLog(AccessLog.Level.OFF, System.err));
      port.start();
      int number = port.port();
      var together = new CyclicBarrier(2);
      var closing =
          CompletableFuture.runAsync(() -> {
            meet(together);
            port.drain(Duration.ofSeconds(10));
          });

      meet(together);
      String answer = asked(number);

      closing.join();
      assertThat(answer).isIn("refused", "closed", "answered");
    }
  }

  private static void meet(CyclicBarrier together) {
    try {
      together.await();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static String asked(int port) throws IOException {
    try (var caller = new Socket(InetAddress.getLoopbackAddress(), port)) {
      caller.setSoTimeout(5_000);
      caller.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(US_ASCII));
      String answer = new String(caller.getInputStream().readAllBytes(), US_ASCII);
      return answer.isEmpty()
          ? "closed"
          : answer.replaceFirst("(?s)HTTP/1.1 200 OK\r\n.*\r\n\r\n", "");
    } catch (SocketException e) {
      return "refused";
    }
  }
}
