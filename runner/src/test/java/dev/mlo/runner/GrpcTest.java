package dev.mlo.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.mlo.runner.fake.FakeBackend;
import inference.GRPCInferenceServiceGrpc;
import inference.InferTensorContents;
import inference.ModelInferRequest;
import inference.ModelInferResponse;
import inference.ModelMetadataRequest;
import inference.ModelReadyRequest;
import inference.RepositoryIndexRequest;
import inference.ServerLiveRequest;
import inference.ServerMetadataRequest;
import inference.ServerReadyRequest;
import io.grpc.CallOptions;
import io.grpc.Codec;
import io.grpc.Compressor;
import io.grpc.CompressorRegistry;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The gRPC port as a client sees it that was generated from the protocol's definition.
class GrpcTest {
  @TempDir Path root;
  private Fixture runner;
  private ManagedChannel channel;
  private GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub client;

  @BeforeEach
  void start() throws Exception {
    runner = new Fixture(root.resolve("first"), ModelImage.adding("1.0.0", 1), Map.of());
    channel = channel(runner);
    client = GRPCInferenceServiceGrpc.newBlockingStub(channel);
  }

  /// The same with other settings.
  private void restart(Map<String, String> environment) throws Exception {
    stop();
    runner = new Fixture(root.resolve("second"), ModelImage.adding("1.0.0", 1), environment);
    channel = channel(runner);
    client = GRPCInferenceServiceGrpc.newBlockingStub(channel);
  }

  private static ManagedChannel channel(Fixture runner) {
    return NettyChannelBuilder.forAddress("127.0.0.1", runner.service.grpcPort())
        .usePlaintext()
        .build();
  }

  @AfterEach
  void stop() throws Exception {
    channel.shutdownNow();
    runner.close();
    assertThat(channel.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
  }

  private static ModelInferRequest.Builder request() {
    return ModelInferRequest.newBuilder().setModelName("adder").setId("q");
  }

  private static ModelInferRequest.InferInputTensor.Builder x(long... shape) {
    var input = ModelInferRequest.InferInputTensor.newBuilder().setName("x").setDatatype("FP32");
    for (long length : shape) {
      input.addShape(length);
    }
    return input;
  }

  private static ByteString floats(float... values) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putFloat(value);
    }
    return ByteString.copyFrom(bytes.flip());
  }

  private static ModelInferRequest typed(float... values) {
    var contents = InferTensorContents.newBuilder();
    for (float value : values) {
      contents.addFp32Contents(value);
    }
    return request().addInputs(x(values.length).setContents(contents)).build();
  }

  @Test
  void tellsWhatItIsAndWhatItServes() throws Exception {
    assertThat(client.serverLive(ServerLiveRequest.getDefaultInstance()).getLive()).isTrue();
    assertThat(client.serverReady(ServerReadyRequest.getDefaultInstance()).getReady()).isTrue();
    var server = client.serverMetadata(ServerMetadataRequest.getDefaultInstance());
    assertThat(server.getName()).isEqualTo("mlo");
    assertThat(server.getExtensionsList()).contains("binary_tensor_data", "model_repository");
    var ready = ModelReadyRequest.newBuilder().setName("adder");
    assertThat(client.modelReady(ready.build()).getReady()).isTrue();
    assertThat(client.modelReady(ready.setVersion("1.0.0").build()).getReady()).isTrue();
    var model = client.modelMetadata(ModelMetadataRequest.newBuilder().setName("adder").build());
    assertThat(model.getVersionsList()).containsExactly("1.0.0");
    assertThat(model.getInputs(0).getDatatype()).isEqualTo("FP32");
    assertThat(model.getInputs(0).getShapeList()).containsExactly(-1L);
    var index = client.repositoryIndex(RepositoryIndexRequest.getDefaultInstance());
    assertThat(index.getModels(0).getState()).isEqualTo("READY");
  }

  @Test
  void tellsHowItFaredAndHowItIsConfigured() throws Exception {
    client.modelInfer(typed(1));
    client.modelInfer(typed(2));
    assertThatThrownBy(() -> client.modelInfer(typed(-1))).hasMessageContaining("INTERNAL");

    var statistics =
        client.modelStatistics(
            inference.ModelStatisticsRequest.newBuilder().setName("adder").build());
    assertThat(statistics.getModelStatsCount()).isEqualTo(1);
    var counted = statistics.getModelStats(0);
    assertThat(counted.getVersion()).isEqualTo("1.0.0");
    assertThat(counted.getInferenceCount()).isEqualTo(2);
    assertThat(counted.getExecutionCount()).isEqualTo(2);
    assertThat(counted.getInferenceStats().getSuccess().getNs()).isPositive();
    assertThat(counted.getInferenceStats().getFail().getCount()).isEqualTo(1);
    var told = runner.caller.get("/v2/models/adder/stats").json();
    assertThat(told.at("/model_stats/0/inference_count").asInt()).isEqualTo(2);
    assertThat(runner.caller.get("/v2/models/other/stats").status()).isEqualTo(404);

    var config =
        client.modelConfig(inference.ModelConfigRequest.newBuilder().setName("adder").build());
    assertThat(config.getConfig().getInput(0).getDataType())
        .isEqualTo(inference.ConfigDataType.TYPE_FP32);
    assertThat(runner.caller.get("/v2/models/adder/config").json().at("/input/0/dims/0").asInt())
        .isEqualTo(-1);
  }

  @Test
  void answersRawWithRawAndTypedWithTyped() throws Exception {
    ModelInferResponse raw =
        client.modelInfer(request().addInputs(x(2)).addRawInputContents(floats(1, 41)).build());
    assertThat(raw.getId()).isEqualTo("q");
    assertThat(raw.getModelVersion()).isEqualTo("1.0.0");
    assertThat(raw.getRawOutputContents(0)).isEqualTo(floats(2, 42));
    assertThat(raw.getOutputs(0).hasContents()).isFalse();
    assertThat(raw.getOutputs(0).getShapeList()).containsExactly(2L);

    ModelInferResponse typed = client.modelInfer(typed(41));
    assertThat(typed.getOutputs(0).getContents().getFp32ContentsList()).containsExactly(42f);
    assertThat(typed.getRawOutputContentsCount()).isZero();
  }

  static List<Arguments> badRequests() {
    return List.of(
        bad(m -> m.setModelName("other"), Status.Code.NOT_FOUND, "no model `other`"),
        bad(m -> m.setModelVersion("9"), Status.Code.NOT_FOUND, "version `9`"),
        bad(m -> m.clearInputs(), Status.Code.INVALID_ARGUMENT, "0 inputs"),
        bad(
            m -> m.clearInputs().clearRawInputContents(),
            Status.Code.INVALID_ARGUMENT,
            "`x` is missing"),
        bad(m -> m.getInputsBuilder(0).clearName(), Status.Code.INVALID_ARGUMENT, "name"),
        bad(m -> m.getInputsBuilder(0).setName("z"), Status.Code.INVALID_ARGUMENT, "no input `z`"),
        bad(
            m -> m.getInputsBuilder(0).setDatatype("FLOAT"),
            Status.Code.INVALID_ARGUMENT,
            "no datatype"),
        bad(
            m -> m.getInputsBuilder(0).setDatatype("INT32"),
            Status.Code.INVALID_ARGUMENT,
            "is INT32"),
        bad(m -> m.getInputsBuilder(0).setShape(0, -1), Status.Code.INVALID_ARGUMENT, "length -1"),
        bad(m -> m.getInputsBuilder(0).setShape(0, 2), Status.Code.INVALID_ARGUMENT, "takes 8"),
        bad(
            m -> m.getInputsBuilder(0).addShape(Long.MAX_VALUE).addShape(Long.MAX_VALUE),
            Status.Code.INVALID_ARGUMENT,
            "is too large"),
        bad(
            m -> {
              for (int i = 0; i < 40; i++) {
                m.getInputsBuilder(0).addShape(1);
              }
            },
            Status.Code.INVALID_ARGUMENT,
            "dimensions"),
        bad(
            m -> m.addRawInputContents(floats(1)),
            Status.Code.INVALID_ARGUMENT,
            "2 raw_input_contents"),
        bad(
            m -> m.getInputsBuilder(0).getContentsBuilder().addFp32Contents(1),
            Status.Code.INVALID_ARGUMENT,
            "beside raw_input_contents"),
        bad(m -> m.clearRawInputContents(), Status.Code.INVALID_ARGUMENT, "0 elements"),
        bad(
            m ->
                m.clearRawInputContents()
                    .getInputsBuilder(0)
                    .getContentsBuilder()
                    .addInt64Contents(1),
            Status.Code.INVALID_ARGUMENT,
            "another datatype"),
        bad(m -> m.addOutputsBuilder().setName("w"), Status.Code.INVALID_ARGUMENT, "no output `w`"),
        bad(
            m ->
                m.addOutputsBuilder()
                    .setName("y")
                    .putParameters("classification", inference.InferParameter.getDefaultInstance()),
            Status.Code.INVALID_ARGUMENT,
            "not spoken"),
        bad(m -> m.setRawInputContents(0, floats(-1)), Status.Code.INTERNAL, "broken"));
  }

  private static Arguments bad(
      Consumer<ModelInferRequest.Builder> change, Status.Code code, String reason) {
    return Arguments.of(change, code, reason);
  }

  @ParameterizedTest
  @MethodSource("badRequests")
  void refusesWithItsStatusAndAReasonAndGoesOn(
      Consumer<ModelInferRequest.Builder> change, Status.Code code, String reason)
      throws Exception {
    var message = request().addInputs(x(1)).addRawInputContents(floats(1));
    change.accept(message);

    assertThatThrownBy(() -> client.modelInfer(message.build()))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).as(e.toString()).isEqualTo(code);
              assertThat(e.getStatus().getDescription()).contains(reason);
            });
    assertThat(client.modelInfer(typed(1)).getOutputs(0).getContents().getFp32Contents(0))
        .isEqualTo(2f);
  }

  @Test
  void saysUnimplementedToCallsItDoesNotKnow() throws Exception {
    MethodDescriptor<ServerLiveRequest, inference.ServerLiveResponse> unknown =
        GRPCInferenceServiceGrpc.getServerLiveMethod().toBuilder()
            .setFullMethodName("inference.GRPCInferenceService/TraceSetting")
            .build();

    assertThatThrownBy(() ->
            ClientCalls.blockingUnaryCall(
                channel, unknown, CallOptions.DEFAULT, ServerLiveRequest.getDefaultInstance()))
        .hasMessageContaining("UNIMPLEMENTED");
    assertThat(client.serverLive(ServerLiveRequest.getDefaultInstance()).getLive()).isTrue();
  }

  /// What Python's clients send when they are told to compress; Java's do not know `deflate`.
  @ParameterizedTest
  @ValueSource(strings = {"gzip", "deflate"})
  void readsCompressedMessages(String coding) throws Exception {
    var codecs = CompressorRegistry.newEmptyInstance();
    codecs.register(new Codec.Gzip());
    codecs.register(
        new Compressor() {
          @Override
          public String getMessageEncoding() {
            return "deflate";
          }

          @Override
          public OutputStream compress(OutputStream out) {
            return new DeflaterOutputStream(out);
          }
        });
    ManagedChannel compressing =
        NettyChannelBuilder.forAddress("127.0.0.1", runner.service.grpcPort())
            .usePlaintext()
            .compressorRegistry(codecs)
            .build();
    try {
      var answer =
          GRPCInferenceServiceGrpc.newBlockingStub(compressing)
              .withCompression(coding)
              .modelInfer(typed(new float[5000]));

      assertThat(answer.getOutputs(0).getContents().getFp32ContentsList())
          .hasSize(5000)
          .containsOnly(1f);
    } finally {
      compressing.shutdownNow();
      assertThat(compressing.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "inference.GRPCInferenceService/ModelInfer",
        "grpc.health.v1.Health/Check",
        "grpc.health.v1.Health/Watch"
      })
  void refusesWhatIsNoMessage(String method) throws Exception {
    var strange =
        MethodDescriptor.<String, ServerLiveRequest>newBuilder()
            .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
            .setFullMethodName(method)
            .setRequestMarshaller(new Latin())
            .setResponseMarshaller(ProtoUtils.marshaller(ServerLiveRequest.getDefaultInstance()))
            .build();

    assertThatThrownBy(() ->
            ClientCalls.blockingServerStreamingCall(
                    channel, strange, CallOptions.DEFAULT, "\u00ff\u00ff")
                .hasNext())
        .hasMessageContaining("INVALID_ARGUMENT");
  }

  /// Any bytes as a message.
  private static final class Latin implements MethodDescriptor.Marshaller<String> {
    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Override
    public String parse(InputStream stream) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void refusesMessagesLargerThanAllowed() throws Exception {
    restart(Map.of("MLO_MAX_REQUEST_BYTES", "2048"));

    assertThatThrownBy(() -> client.modelInfer(typed(new float[1000])))
        .hasMessageContaining("RESOURCE_EXHAUSTED");
    assertThat(client.modelInfer(typed(1)).getOutputsCount()).isEqualTo(1);
  }

  @Test
  void limitsTheQueueAndTheTimeLikeRest() throws Exception {
    restart(Map.of("MLO_WORKERS", "1", "MLO_QUEUE", "1", "MLO_TIMEOUT_MS", "300"));
    var async = GRPCInferenceServiceGrpc.newFutureStub(channel);
    var running = async.modelInfer(typed(FakeBackend.BLOCK));
    runner.backend.awaitBlocked(1);

    assertThatThrownBy(running::get).hasMessageContaining("DEADLINE_EXCEEDED: there was no answer");
    assertThat(runner.caller.send(runner.caller.stranger("/metrics")).body())
        .contains(
            "mlo_inference_requests_total{code=\"timeout\",model_name=\"adder\",model_version=\"1.0.0\",protocol=\"grpc\"");
    runner.backend.unblock();
    assertThat(client.modelInfer(typed(1)).getOutputsCount()).isEqualTo(1);
  }

  @Test
  void givesUpThePlaceOfACallerWhoHasGone() throws Exception {
    restart(Map.of("MLO_WORKERS", "1", "MLO_QUEUE", "1"));
    var async = GRPCInferenceServiceGrpc.newFutureStub(channel);
    var running = async.modelInfer(typed(FakeBackend.BLOCK));
    runner.backend.awaitBlocked(1);

    var gone = client.withDeadlineAfter(200, TimeUnit.MILLISECONDS);
    assertThatThrownBy(() -> gone.modelInfer(typed(1))).hasMessageContaining("DEADLINE_EXCEEDED");
    // The only place in the queue is free again as soon as the runner has heard of it.
    var next = async.modelInfer(typed(2));
    for (int i = 0; i < 10_000 && next.isDone(); i++) {
      next = async.modelInfer(typed(2));
    }
    runner.backend.unblock();
    assertThat(running.get().getOutputsCount()).isEqualTo(1);
    assertThat(next.get().getOutputs(0).getContents().getFp32Contents(0)).isEqualTo(3f);
  }

  @Test
  void tellsItsHealthToWhoeverWatches() throws Exception {
    var health = HealthGrpc.newBlockingStub(channel);
    var request = HealthCheckRequest.newBuilder().setService("inference.GRPCInferenceService");

    assertThat(health.check(HealthCheckRequest.getDefaultInstance()).getStatus())
        .isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
    var watch = health.watch(request.build());
    assertThat(watch.next().getStatus()).isEqualTo(HealthCheckResponse.ServingStatus.SERVING);
    Thread.ofPlatform().start(runner.service::close);
    assertThat(watch.next().getStatus()).isEqualTo(HealthCheckResponse.ServingStatus.NOT_SERVING);
  }

  @Test
  void answersWhatIsUnderWayWhenItStopsAndTakesNothingNew() throws Exception {
    var async = GRPCInferenceServiceGrpc.newFutureStub(channel);
    var running = async.modelInfer(typed(FakeBackend.BLOCK));
    runner.backend.awaitBlocked(1);
    var watch = HealthGrpc.newBlockingStub(channel).watch(HealthCheckRequest.getDefaultInstance());
    assertThat(watch.next().getStatus()).isEqualTo(HealthCheckResponse.ServingStatus.SERVING);

    Thread stopping = Thread.ofPlatform().start(runner.service::close);
    assertThat(watch.next().getStatus()).isEqualTo(HealthCheckResponse.ServingStatus.NOT_SERVING);
    while (answers(typed(1))) {
      Thread.onSpinWait();
    }
    assertThat(running.isDone()).isFalse();

    runner.backend.unblock();
    assertThat(running.get().getOutputs(0).getContents().getFp32Contents(0)).isEqualTo(778f);
    // Whoever watches still does not hold it up: the grace is eleven seconds.
    assertThat(stopping.join(Duration.ofSeconds(8))).isTrue();
    assertThat(runner.backend.violations()).isZero();
  }

  /// Until the runner has said on its connection that it takes no more.
  private boolean answers(ModelInferRequest request) {
    try {
      return client.modelInfer(request).getOutputsCount() == 1;
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      return false;
    }
  }
}
