package dev.mlo.runner.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.mlo.runner.infer.AccessLog;
import dev.mlo.runner.infer.Inferences;
import dev.mlo.runner.infer.Metrics;
import dev.mlo.runner.slot.Slot;
import inference.GRPCInferenceServiceGrpc;
import inference.ModelInferRequest;
import inference.ServerLiveRequest;
import inference.ServerLiveResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a port gives to all callers together. Nothing serves here: a request that gets past the
/// limits is told so.
class GrpcLimitsTest {
  private static final int MOST_BYTES = 1 << 20;

  private final Slot slot = new Slot();
  private final Inferences inferences = new Inferences(slot, new Metrics());
  private final ByteArrayOutputStream log = new ByteArrayOutputStream();
  private final AccessLog access =
      new AccessLog(AccessLog.Level.ALL, new PrintStream(log, true, StandardCharsets.UTF_8));
  private final GrpcPort port =
      new GrpcPort(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
          new GrpcPort.Limits(MOST_BYTES, 2),
          new InferenceService(slot, inferences, "test"),
          inferences.memory(),
          access);
  private final List<ManagedChannel> channels = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    port.start();
  }

  @AfterEach
  void stop() throws Exception {
    for (ManagedChannel channel : channels) {
      channel.shutdownNow();
      assertThat(channel.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }
    port.close();
    inferences.close();
    access.close();
    slot.close();
  }

  private ManagedChannel channel() {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port.port()).usePlaintext().build();
    channels.add(channel);
    return channel;
  }

  private static Future<ServerLiveResponse> live(ManagedChannel channel) {
    return GRPCInferenceServiceGrpc.newFutureStub(channel)
        .serverLive(ServerLiveRequest.getDefaultInstance());
  }

  private static ModelInferRequest request(int bytes) {
    return ModelInferRequest.newBuilder()
        .setModelName("none")
        .addRawInputContents(ByteString.copyFrom(new byte[bytes]))
        .build();
  }

  @Test
  void letsConnectionsWaitUntilOneOfThemEnds() throws Exception {
    ManagedChannel first = channel();
    ManagedChannel second = channel();
    assertThat(live(first).get().getLive()).isTrue();
    assertThat(live(second).get().getLive()).isTrue();

    Future<ServerLiveResponse> third = live(channel());
    Future<ServerLiveResponse> fourth = live(channel());
    // Those inside are answered, again and again.
    for (int i = 0; i < 100; i++) {
      assertThat(live(first).get().getLive()).isTrue();
    }
    assertThat(third.isDone() || fourth.isDone()).isFalse();

    first.shutdownNow();
    second.shutdownNow();
    assertThat(third.get().getLive()).isTrue();
    assertThat(fourth.get().getLive()).isTrue();
  }

  @Test
  void countsTheBytesOfAllMessages() throws Exception {
    var client = GRPCInferenceServiceGrpc.newBlockingStub(channel());
    long all = inferences.memory().limit();
    assertThat(inferences.memory().take(all - 10_000)).isTrue();

    assertThatThrownBy(() -> client.modelInfer(request(20_000)))
        .hasMessageContaining("RESOURCE_EXHAUSTED: the requests under way take all memory");
    assertThatThrownBy(() -> client.modelInfer(request(1_000)))
        .hasMessageContaining("UNAVAILABLE: no model is loaded yet");
    inferences.memory().giveBack(all - 10_000);
    assertThatThrownBy(() -> client.modelInfer(request(20_000)))
        .hasMessageContaining("UNAVAILABLE: no model is loaded yet");

    assertThat(client.serverLive(ServerLiveRequest.getDefaultInstance()).getLive()).isTrue();
    awaitNothingTaken();
  }

  /// Of calls that have ended nothing is kept; the last one ends a little after its answer was
  /// read.
  private void awaitNothingTaken() {
    while (inferences.memory().taken() > 0) {
      Thread.onSpinWait();
    }
  }

  @Test
  void refusesMessagesThatAreTooLargeAsTheyComeAndAsTheyAre() throws Exception {
    var client = GRPCInferenceServiceGrpc.newBlockingStub(channel());
    ModelInferRequest large = request(MOST_BYTES + 1);

    assertThatThrownBy(() -> client.modelInfer(large))
        .hasMessageContaining("RESOURCE_EXHAUSTED")
        .hasMessageContaining("maximum size " + MOST_BYTES);
    // A few hundred bytes, compressed.
    assertThatThrownBy(() -> client.withCompression("gzip").modelInfer(large))
        .hasMessageContaining("RESOURCE_EXHAUSTED")
        .hasMessageContaining("maximum size " + MOST_BYTES);
    awaitNothingTaken();
    assertThat(inferences.memory().take(inferences.memory().limit() - 10_000)).isTrue();
    assertThatThrownBy(() -> client.withCompression("gzip").modelInfer(request(20_000)))
        .hasMessageContaining("RESOURCE_EXHAUSTED: the requests under way take all memory");

    access.close();
    assertThat(log.toString(StandardCharsets.UTF_8).lines())
        .hasSize(3)
        .allMatch(line -> line.contains("\"status\":\"RESOURCE_EXHAUSTED\""));
  }
}
