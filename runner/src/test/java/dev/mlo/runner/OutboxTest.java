package dev.mlo.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.json.Json;
import dev.mlo.runner.fake.FakeBackend;
import java.io.BufferedInputStream;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Small answers may wait for others to leave with. Callers must not notice.
class OutboxTest {
  /// More than a system keeps for one connection in both directions, in bytes.
  private static final int MUCH = 24 << 20;

  @TempDir Path root;

  private static byte[] request(float x, String more) {
    String body = Caller.body(x);
    return ("POST /v2/models/adder/infer HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            + more
            + "Content-Length: "
            + body.length()
            + "\r\n\r\n"
            + body)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static float y(String answer) throws Exception {
    assertThat(answer).startsWith("HTTP/1.1 200 ");
    String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
    return (float)
        Json.parse(body.getBytes(StandardCharsets.UTF_8)).at("/outputs/0/data/0").asDouble();
  }

  private static Socket connect(Fixture runner) throws Exception {
    var socket = new Socket(InetAddress.getLoopbackAddress(), runner.service.httpPort());
    socket.setSoTimeout(10_000);
    return socket;
  }

  /// Quick answers, long ones, refusals and other pages, asked for at once.
  @Test
  void answersOfOneConnectionKeepTheirOrder() throws Exception {
    try (Fixture runner = Fixture.of(root)) {
      QuickModelTest.becomeQuick(runner);
      try (Socket socket = connect(runner)) {
        for (int i = 0; i < 100; i++) {
          socket.getOutputStream().write(request(i, ""));
          String path = List.of("/v2", "/openapi.json", "/nothing").get(i % 3);
          socket
              .getOutputStream()
              .write(
                  ("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n")
                      .getBytes(StandardCharsets.ISO_8859_1));
        }
        socket.getOutputStream().write(request(100, "Connection: close\r\n"));
        InputStream in = new BufferedInputStream(socket.getInputStream());
        for (int i = 0; i < 100; i++) {
          assertThat(y(RawHttp.answer(in))).isEqualTo(i + 1f);
          assertThat(RawHttp.answer(in))
              .contains(List.of("\"extensions\"", "\"openapi\"", "/nothing").get(i % 3));
        }
        assertThat(y(RawHttp.answer(in))).isEqualTo(101f);
        assertThat(in.read()).isEqualTo(-1);
      }
    }
  }

  /// Whoever asks at the same moment gets his own answer, and all of them leave.
  @Test
  void answersOfManyConnectionsAllLeave() throws Exception {
    try (Fixture runner = Fixture.of(root)) {
      QuickModelTest.becomeQuick(runner);
      var sockets = new ArrayList<Socket>();
      try {
        for (int i = 0; i < 100; i++) {
          sockets.add(connect(runner));
        }
        for (int round = 0; round < 20; round++) {
          for (int i = 0; i < sockets.size(); i++) {
            sockets.get(i).getOutputStream().write(request(i + round, ""));
          }
          for (int i = 0; i < sockets.size(); i++) {
            assertThat(y(RawHttp.answer(sockets.get(i).getInputStream())))
                .isEqualTo(i + round + 1f);
          }
        }
      } finally {
        for (Socket socket : sockets) {
          socket.close();
        }
      }
    }
  }

  @Test
  void aRequestThatHoldsItsThreadUpHoldsNoAnswerBack() throws Exception {
    try (Fixture runner = Fixture.of(root)) {
      QuickModelTest.becomeQuick(runner);
      try (Socket socket = connect(runner)) {
        var both = ByteBuffer.allocate(2000).put(request(1, ""));
        both.put(request(FakeBackend.STUBBORN, ""));
        socket.getOutputStream().write(both.array(), 0, both.position());
        runner.backend.awaitBlocked(1);

        assertThat(y(RawHttp.answer(socket.getInputStream()))).isEqualTo(2f);
        runner.backend.unblock();
        assertThat(y(RawHttp.answer(socket.getInputStream()))).isEqualTo(777f);
      }
    }
  }

  /// He asks until nothing more can be sent in either direction, and reads only then.
  @Test
  void aCallerWhoReadsLateGetsEverything() throws Exception {
    try (Fixture runner = Fixture.of(root);
        SocketChannel caller = SocketChannel.open()) {
      QuickModelTest.becomeQuick(runner);
      caller.setOption(StandardSocketOptions.SO_RCVBUF, 4096);
      caller.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), runner.service.httpPort()));
      byte[] one = request(1, "");
      ByteBuffer requests = ByteBuffer.allocate(MUCH / one.length * one.length);
      while (requests.hasRemaining()) {
        requests.put(one);
      }
      writeWhatFits(caller, requests.flip());
      assertThat(requests.hasRemaining()).as("the runner stopped reading").isTrue();
      int asked = Math.ceilDiv(requests.position(), one.length);
      requests.limit(asked * one.length);

      Future<?> rest =
          Executors.newVirtualThreadPerTaskExecutor()
              .submit(() -> {
                caller.write(requests);
                return caller.write(ByteBuffer.wrap(request(2, "Connection: close\r\n")));
              });
      InputStream in = new BufferedInputStream(Channels.newInputStream(caller), 1 << 16);
      for (int i = 0; i < asked; i++) {
        assertThat(y(RawHttp.answer(in))).isEqualTo(2f);
      }
      assertThat(y(RawHttp.answer(in))).isEqualTo(3f);
      assertThat(in.read()).isEqualTo(-1);
      rest.get();
    }
  }

  /// Returns when there has been no room for half a second.
  private static void writeWhatFits(SocketChannel channel, ByteBuffer bytes) throws Exception {
    channel.configureBlocking(false);
    try (Selector room = Selector.open()) {
      channel.register(room, SelectionKey.OP_WRITE);
      while (bytes.hasRemaining() && room.select(500) > 0) {
        channel.write(bytes);
        room.selectedKeys().clear();
      }
    }
    channel.configureBlocking(true);
  }
}
