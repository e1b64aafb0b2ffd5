package dev.mlo.runner;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.mlo.runner.fake.FakeBackend;
import inference.GRPCInferenceServiceGrpc;
import inference.ModelInferRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whoever leaves before his answer costs no more work. No answer is late here: the time-out is far
/// away, so only a caller's leaving ends an inference that blocks.
class CallerLeavesTest {
  @TempDir Path root;
  private Fixture runner;

  @BeforeEach
  void start() throws Exception {
    runner = with("1");
  }

  private Fixture with(String workers) throws Exception {
    return new Fixture(
        root.resolve(workers),
        ModelImage.adding("1.0.0", 1),
        Map.of("MLO_WORKERS", workers, "MLO_TIMEOUT_MS", "600000"));
  }

  @AfterEach
  void stop() throws Exception {
    runner.close();
    assertThat(runner.backend.violations()).isZero();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), runner.service.httpPort());
    socket.setSoTimeout(60_000);
    return socket;
  }

  private static void ask(Socket socket, float x) throws IOException {
    String body = Caller.body(x);
    socket
        .getOutputStream()
        .write(
            ("POST /v2/models/adder/infer HTTP/1.1\r\nHost: x\r\nContent-Length: "
                    + body.length()
                    + "\r\n\r\n"
                    + body)
                .getBytes(ISO_8859_1));
  }

  private static void leave(Socket socket, boolean reset) throws IOException {
    if (reset) {
      socket.setSoLinger(true, 0);
    }
    socket.close();
  }

  /// Reads until a text has come.
  private static String until(InputStream in, String text) throws IOException {
    var read = new StringBuilder();
    while (read.indexOf(text) < 0) {
      int next = in.read();
      if (next < 0) {
        throw new AssertionError("ended after: " + read);
      }
      read.append((char) next);
    }
    return read.toString();
  }

  private void awaitMetric(String line) throws Exception {
    while (!runner.caller.send(runner.caller.stranger("/metrics")).body().contains(line)) {
      Thread.onSpinWait();
    }
  }

  private void awaitCancelled(String protocol, int count) throws Exception {
    awaitMetric(
        "{code=\"cancelled\",model_name=\"adder\",model_version=\"1.0.0\",protocol=\"%s\",role=\"active\"} %d.0"
            .formatted(protocol, count));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void stopsTheInferenceOfACallerWhoHasGone(boolean reset) throws Exception {
    Socket socket = connect();
    ask(socket, FakeBackend.BLOCK);
    runner.backend.awaitBlocked(1);
    leave(socket, reset);

    // The only worker is free again.
    assertThat(runner.caller.infer(1).status()).isEqualTo(200);
    awaitCancelled("rest", 1);
    runner.close();
    assertThat(runner.log())
        .containsOnlyOnce("\"access\":\"POST /v2/models/adder/infer\"")
        .contains("\"status\":\"499\"");
  }

  @Test
  void dropsAQueuedRequestBeforeItTakesAWorker() throws Exception {
    int before = runner.backend.calls().size();
    try (Socket first = connect()) {
      ask(first, FakeBackend.BLOCK);
      runner.backend.awaitBlocked(1);
      Socket second = connect();
      ask(second, 5);
      awaitMetric("mlo_inference_queue_size 1.0");
      leave(second, false);
      awaitMetric("mlo_inference_queue_size 0.0");
      awaitCancelled("rest", 1);

      runner.backend.unblock();
      assertThat(until(first.getInputStream(), "\"data\":[778.0]")).startsWith("HTTP/1.1 200");
      assertThat(runner.backend.calls()).hasSize(before + 1);
    }
  }

  @Test
  void keepsTheConnectionOfACallerWhoWaitsOrAsksOn() throws Exception {
    runner.close();
    runner = with("3");
    try (Socket waiting = connect();
        Socket asking = connect()) {
      ask(waiting, FakeBackend.BLOCK);
      ask(asking, FakeBackend.BLOCK);
      ask(asking, 5);
      ask(asking, 6);
      runner.backend.awaitBlocked(2);
      Socket gone = connect();
      ask(gone, FakeBackend.BLOCK);
      runner.backend.awaitBlocked(1);
      leave(gone, false);
      // Who asked earlier was looked at earlier.
      awaitCancelled("rest", 1);

      runner.backend.unblock();
      until(waiting.getInputStream(), "\"data\":[778.0]");
      until(asking.getInputStream(), "\"data\":[778.0]");
      until(asking.getInputStream(), "\"data\":[6.0]");
      until(asking.getInputStream(), "\"data\":[7.0]");
      for (Socket kept : List.of(waiting, asking)) {
        ask(kept, 1);
        until(kept.getInputStream(), "\"data\":[2.0]");
      }
    }
  }

  @Test
  void stopsAStreamThatIsReset() throws Exception {
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
      URI url = URI.create("http://127.0.0.1:" + runner.service.httpPort());
      var text = HttpResponse.BodyHandlers.ofString();
      var upgrade = HttpRequest.newBuilder(url.resolve("/livez")).build();
      assertThat(client.send(upgrade, text).version()).isEqualTo(HttpClient.Version.HTTP_2);
      var asked =
          client.sendAsync(
              HttpRequest.newBuilder(url.resolve("/v2/models/adder/infer"))
                  .POST(HttpRequest.BodyPublishers.ofString(Caller.body(FakeBackend.BLOCK)))
                  .build(),
              text);
      runner.backend.awaitBlocked(1);
      asked.cancel(true);

      assertThat(runner.caller.infer(1).status()).isEqualTo(200);
      awaitCancelled("rest", 1);
      // The connection goes on.
      assertThat(client.send(upgrade, text).statusCode()).isEqualTo(200);
    }
    runner.close();
    assertThat(runner.log()).contains("\"status\":\"499\"");
  }

  @Test
  void stopsACallThatIsCancelled() throws Exception {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", runner.service.grpcPort())
            .usePlaintext()
            .build();
    var input =
        ModelInferRequest.InferInputTensor.newBuilder()
            .setName("x")
            .setDatatype("FP32")
            .addShape(1);
    ByteBuffer block = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN);
    var request =
        ModelInferRequest.newBuilder()
            .setModelName("adder")
            .addInputs(input)
            .addRawInputContents(ByteString.copyFrom(block.putFloat(FakeBackend.BLOCK).flip()));
    var asked = GRPCInferenceServiceGrpc.newFutureStub(channel).modelInfer(request.build());
    runner.backend.awaitBlocked(1);
    asked.cancel(true);

    assertThat(runner.caller.infer(1).status()).isEqualTo(200);
    awaitCancelled("grpc", 1);
    channel.shutdownNow();
    assertThat(channel.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    runner.close();
    assertThat(runner.log())
        .containsOnlyOnce("\"access\":\"inference.GRPCInferenceService/ModelInfer\"")
        .contains("\"status\":\"CANCELLED\"");
  }
}
