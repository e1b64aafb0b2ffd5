package dev.mlo.runner.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.runner.infer.AccessLog;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Callers who leave no room for an answer: the system takes a part of it, or nothing.
class CallerSocketTest {
  /// More than a system keeps for one connection, in bytes.
  private static final int MUCH = 24 << 20;

  private static final String END = "the end";

  /// What happens to the connection before the request is answered, on the thread that reads it.
  private interface Before {
    void happen(CallerSocket socket) throws Exception;
  }

  private static final class Answering extends Handler.Abstract.NonBlocking {
    private final Before before;

    Answering(Before before) {
      this.before = before;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      before.happen(socket(request));
      Content.Sink.write(response, true, END, callback);
      return true;
    }
  }

  /// Asks, waits until that has happened, and reads on until the answer has come.
  private static byte[] asked(Before before, String more) throws Exception {
    var happened = new CountDownLatch(1);
    Handler handler =
        new Answering(socket -> {
          before.happen(socket);
          happened.countDown();
        });
    try (HttpPort port = port(handler);
        Socket caller = asking(port, more)) {
      happened.await();
      byte[] read = new byte[2 * MUCH];
      int length = 0;
      while (length < END.length()
          || !new String(read, length - END.length(), END.length(), StandardCharsets.US_ASCII)
              .equals(END)) {
        int n = caller.getInputStream().read(read, length, read.length - length);
        assertThat(n).as("the answer is cut off after %d bytes", length).isPositive();
        length += n;
      }
      return Arrays.copyOf(read, length);
    }
  }

  private static CallerSocket socket(Request request) {
    return (CallerSocket) request.getConnectionMetaData().getConnection().getEndPoint();
  }

  private static HttpPort port(Handler handler) throws IOException {
    var log = new AccessLog(AccessLog.Level.OFF, System.err);
    var port = new HttpPort("test", "127.0.0.1", 0, handler, log);
    port.start();
    return port;
  }

  private static Socket asking(HttpPort port, String more) throws IOException {
    var caller = new Socket(InetAddress.getLoopbackAddress(), port.port());
    caller.setSoTimeout(10_000);
    String request = "GET / HTTP/1.1\r\nHost: x\r\n" + more + "\r\n";
    caller.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
    return caller;
  }

  private static void assertAnswered(byte[] read, long before) {
    String answer =
        new String(read, (int) before, read.length - (int) before, StandardCharsets.US_ASCII);
    assertThat(answer).startsWith("HTTP/1.1 200 OK\r\n").endsWith(END);
  }

  /// Much more than there is room for was believed sent; what comes next waits for it.
  @ParameterizedTest
  @ValueSource(strings = {"", "Connection: close\r\n"})
  void whatDidNotFitComesBeforeTheNextAnswer(String more) throws Exception {
    byte[] much = new byte[MUCH];
    for (int i = 0; i < MUCH; i++) {
      much[i] = (byte) ((i * 31) >> 7);
    }
    byte[] read = asked(socket -> socket.send(ByteBuffer.wrap(much)), more);
    assertThat(Arrays.copyOf(read, MUCH)).isEqualTo(much);
    assertAnswered(read, MUCH);
  }

  /// The connection takes nothing when the answer is ready, and is closed behind it.
  @ParameterizedTest
  @ValueSource(strings = {"", "Connection: close\r\n"})
  void anAnswerThatFindsNoRoomIsNotLost(String more) throws Exception {
    var sent = new AtomicLong();
    byte[] read =
        asked(
            socket -> {
              ByteBuffer block = ByteBuffer.allocateDirect(1 << 16);
              for (int n = 1; n > 0; ) {
                n = socket.getChannel().write(block.clear());
                sent.addAndGet(n);
              }
            },
            more);
    assertAnswered(read, sent.get());
  }

  /// Nothing comes after what did not fit: it leaves all the same.
  @Test
  void whatDidNotFitLeavesByItself() throws Exception {
    Handler handler =
        new Handler.Abstract.NonBlocking() {
          @Override
          public boolean handle(Request request, Response response, Callback callback)
              throws Exception {
            socket(request).send(ByteBuffer.allocate(MUCH));
            return true;
          }
        };
    try (HttpPort port = port(handler);
        Socket caller = asking(port, "")) {
      assertThat(caller.getInputStream().readNBytes(MUCH)).hasSize(MUCH);
    }
  }
}
