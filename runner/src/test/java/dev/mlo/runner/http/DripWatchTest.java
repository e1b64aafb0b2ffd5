package dev.mlo.runner.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.runner.infer.AccessLog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DripWatchTest {
  private static final String REQUEST = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";

  private final HttpPort port =
      new HttpPort(
          "test",
          "127.0.0.1",
          0,
          new Router(
              List.of(Route.of("GET", "/livez", exchange -> exchange.json(200, List.of()))),
              () -> null),
          new AccessLog(AccessLog.Level.OFF, System.err),
          Duration.ofMillis(200));

  @BeforeEach
  void start() throws IOException {
    port.start();
  }

  @AfterEach
  void stop() {
    port.close();
  }

  @Test
  void closesAConnectionWhoseHeadDrips() throws IOException {
    assertThat(isClosedWhileDripping("")).isTrue();
  }

  @Test
  void closesAConnectionThatDripsAfterAGoodRequest() throws IOException {
    assertThat(isClosedWhileDripping(REQUEST)).isTrue();
  }

  @Test
  void keepsAConnectionThatSendsRequestAfterRequest() throws IOException {
    try (Socket socket = connect()) {
      long end = System.nanoTime() + Duration.ofMillis(1500).toNanos();
      int answers = 0;
      while (System.nanoTime() < end) {
        socket.getOutputStream().write(REQUEST.getBytes(StandardCharsets.US_ASCII));
        socket.setSoTimeout(10_000);
        assertThat(socket.getInputStream().read()).isNotNegative();
        socket.setSoTimeout(20);
        readWhatIsThere(socket);
        answers++;
      }
      assertThat(answers).isPositive();
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port.port());
    socket.setSoTimeout(20);
    return socket;
  }

  /// A byte at a time, with a head that never ends.
  private boolean isClosedWhileDripping(String before) throws IOException {
    try (Socket socket = connect()) {
      socket.getOutputStream().write(before.getBytes(StandardCharsets.US_ASCII));
      readWhatIsThere(socket);
      socket
          .getOutputStream()
          .write("GET /livez HTTP/1.1\r\nX: ".getBytes(StandardCharsets.US_ASCII));
      for (int i = 0; i < 1000; i++) {
        socket.getOutputStream().write('a');
        if (readWhatIsThere(socket)) {
          return true;
        }
      }
      return false;
    } catch (SocketException e) {
      return true;
    }
  }

  /// Waits at most 20 ms for bytes.
  ///
  /// @return whether the connection is at its end
  private static boolean readWhatIsThere(Socket socket) throws IOException {
    try {
      byte[] buffer = new byte[4096];
      return socket.getInputStream().read(buffer) < 0;
    } catch (SocketTimeoutException e) {
      return false;
    }
  }
}
