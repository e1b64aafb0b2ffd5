package dev.mlo.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// HTTP/2 without TLS on the inference port.
class Http2Test {
  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1);

  private Fixture runner;

  @BeforeEach
  void start(@TempDir Path root) throws Exception {
    runner = Fixture.of(root);
  }

  @AfterEach
  void stop() throws Exception {
    runner.close();
  }

  @Test
  void answersWhoeverUpgrades() throws Exception {
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
      URI url = URI.create("http://127.0.0.1:" + runner.service.httpPort());
      HttpResponse<String> ready =
          client.send(
              HttpRequest.newBuilder(url.resolve("/v2/health/ready")).build(),
              HttpResponse.BodyHandlers.ofString());
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(url.resolve("/v2/models/adder/infer"))
                  .POST(HttpRequest.BodyPublishers.ofString(Caller.body(41)))
                  .build(),
              HttpResponse.BodyHandlers.ofString());

      assertThat(ready.version()).isEqualTo(HttpClient.Version.HTTP_2);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(answer.body()).contains("42.0");
    }
  }

  /// Frames that cost the sender nothing, as many as he likes.
  enum Flood {
    PING(6, 0, 8),
    SETTINGS(4, 0, 0),
    RESET(3, 1, 4);

    private final int type;
    private final int stream;
    private final int length;

    Flood(int type, int stream, int length) {
      this.type = type;
      this.stream = stream;
      this.length = length;
    }

    byte[] frame() {
      return Http2Test.frame(type, stream, new byte[length]);
    }
  }

  private static byte[] frame(int type, int stream, byte[] payload) {
    return ByteBuffer.allocate(9 + payload.length)
        .put((byte) 0)
        .putShort((short) payload.length)
        .put((byte) type)
        .put((byte) 0)
        .putInt(stream)
        .put(payload)
        .array();
  }

  @ParameterizedTest
  @EnumSource(Flood.class)
  void hangsUpOnAFloodAndServesTheOthers(Flood flood) throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), runner.service.httpPort())) {
      socket.setSoTimeout(10_000);
      OutputStream out = socket.getOutputStream();
      out.write(PREFACE);
      out.write(frame(4, 0, new byte[0]));
      out.flush();
      Thread.ofPlatform().daemon().start(() -> flood(out, flood.frame()));

      assertThat(closes(socket.getInputStream())).isTrue();
    }
    assertThat(runner.caller.infer(1).status()).isEqualTo(200);
  }

  private static void flood(OutputStream out, byte[] frame) {
    try {
      for (int i = 0; i < 1_000_000; i++) {
        out.write(frame);
      }
    } catch (IOException e) {
      // What was to be shown: nobody takes it any more.
    }
  }

  private static boolean closes(InputStream in) {
    try {
      in.transferTo(OutputStream.nullOutputStream());
      return true;
    } catch (java.net.SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }
}
