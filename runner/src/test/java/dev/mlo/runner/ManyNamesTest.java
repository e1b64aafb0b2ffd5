package dev.mlo.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import inference.GRPCInferenceServiceGrpc;
import inference.InferParameter;
import inference.ModelInferRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Requests with so many names that whoever holds each against all others would be at it until the
/// test is given up. The runner gives no request up here.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ManyNamesTest {
  private static final int MANY = 400_000;
  private static final String X =
      "{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[1]}";

  private Fixture runner;

  @BeforeAll
  void start(@TempDir Path root) throws Exception {
    runner = new Fixture(root, ModelImage.adding("1.0.0", 1), Map.of("MLO_TIMEOUT_MS", "3600000"));
  }

  @AfterAll
  void stop() throws Exception {
    runner.close();
  }

  private static String many(IntFunction<String> one) {
    return IntStream.range(0, MANY).mapToObj(one).collect(Collectors.joining(","));
  }

  private void refuses(String json, boolean binary, String reason) throws Exception {
    var request =
        runner
            .caller
            .http("/v2/models/adder/infer")
            .timeout(Duration.ofHours(1))
            .POST(HttpRequest.BodyPublishers.ofString(json));
    if (binary) {
      request.header("Inference-Header-Content-Length", Integer.toString(json.length()));
    }
    var answer = runner.caller.send(request);
    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    assertThat(answer.error()).contains(reason);
  }

  @Test
  void readsManyInputs() throws Exception {
    String distinct =
        many(
            i -> "{\"name\":\"x%d\",\"shape\":[0],\"datatype\":\"INT8\",\"data\":[]}".formatted(i));
    refuses("{\"inputs\":[" + distinct + "]}", false, "no input `x0`");
    String bytes =
        many(i ->
            "{\"name\":\"x%d\",\"shape\":[0],\"datatype\":\"INT8\",\"parameters\":{\"binary_data_size\":0}}"
                .formatted(i));
    refuses("{\"inputs\":[" + bytes + "]}", true, "no input `x0`");
    refuses("{\"inputs\":[" + many(_ -> X) + "]}", false, "twice");
  }

  /// An answer of megabytes costs more than the request, and half an emoji has no UTF-8.
  @Test
  void repeatsLittleOfALongName() throws Exception {
    for (String before : List.of("", "x")) {
      String name = before + "\ud83c\udf38".repeat(500_000);
      String input = X.replace("\"x\"", "\"" + name + "\"");
      var answer =
          runner.caller.send(
              runner
                  .caller
                  .http("/v2/models/adder/infer")
                  .POST(HttpRequest.BodyPublishers.ofString("{\"inputs\":[" + input + "]}")));
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.error()).startsWith("the model has no input `" + before).endsWith("…");
      assertThat(answer.body()).hasSizeLessThan(10_000);
    }
  }

  @Test
  void readsManyOutputs() throws Exception {
    String distinct =
        many(i -> "{\"name\":\"y%d\",\"parameters\":{\"binary_data\":true}}".formatted(i));
    refuses("{\"outputs\":[" + distinct + "],\"inputs\":[" + X + "]}", false, "no output `y0`");
    String same = many(_ -> "{\"name\":\"y\"}");
    refuses("{\"outputs\":[" + same + "],\"inputs\":[" + X + "]}", false, "twice");
  }

  @Test
  void readsManyParametersAndFields() throws Exception {
    String distinct = many(i -> "\"p%d\":%d".formatted(i, i));
    refuses("{\"parameters\":{" + distinct + "},\"inputs\":[]}", false, "`x` is missing");
    refuses("{" + distinct + ",\"inputs\":[]}", false, "`x` is missing");
    refuses("{\"parameters\":{" + many(_ -> "\"p\":1") + "}}", false, "no JSON");
  }

  @Test
  void readsManyNamesOverGrpc() throws Exception {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", runner.service.grpcPort())
            .usePlaintext()
            .build();
    try {
      var client = GRPCInferenceServiceGrpc.newBlockingStub(channel);
      var request = ModelInferRequest.newBuilder().setModelName("adder");
      for (int i = 0; i < MANY; i++) {
        request.putParameters("p" + i, InferParameter.getDefaultInstance());
        request.addOutputsBuilder().setName("y" + i);
        request.addInputsBuilder().setName("x" + i).setDatatype("INT8").addShape(0);
      }
      assertThatThrownBy(() -> client.modelInfer(request.build()))
          .hasMessageContaining("INVALID_ARGUMENT: the model has no input `x0`");
      request.clearOutputs();
      for (int i = 0; i < MANY; i++) {
        request.addOutputsBuilder().setName("y");
      }
      assertThatThrownBy(() -> client.modelInfer(request.build()))
          .hasMessageContaining("INVALID_ARGUMENT: output `y` is asked for twice");
    } finally {
      channel.shutdownNow();
      assertThat(channel.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }
  }
}
