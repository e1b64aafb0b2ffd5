package dev.mlo.runner;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import inference.GRPCInferenceServiceGrpc;
import inference.InferParameter;
import inference.InferTensorContents;
import inference.ModelInferRequest;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.io.ByteArrayOutputStream;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What clients may send that know other servers of the protocol and their extensions: each is
/// answered as its definition says, or refused; nothing is left out that changes the answer.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ExtensionsTest {
  private static final String INPUTS =
      "\"inputs\":[{\"name\":\"x\",\"shape\":[2],\"datatype\":\"FP32\",\"data\":[1,41]}]";

  private Fixture runner;

  @BeforeAll
  void start(@TempDir Path root) throws Exception {
    runner = Fixture.of(root);
  }

  @AfterAll
  void stop() throws Exception {
    runner.close();
  }

  /// Routes of the protocol, of KServe and of the extensions.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      textBlock =
          """
          GET  | /v2                                         | 200 | "extensions":["binary_tensor_data"
          GET  | /v2/                                        | 200 | "name":"mlo"
          GET  | /v2/health/live                             | 200 | {"live":true}
          GET  | /v2/health/live/                            | 200 | {"live":true}
          GET  | /v2/health/ready/                           | 200 | {"ready":true}
          GET  | /v2/models                                  | 200 | {"models":["adder"]}
          GET  | /v2/models/                                 | 200 | {"models":["adder"]}
          GET  | /v2/models/adder                            | 200 | "platform":"mlo_fake"
          GET  | /v2/models/adder/                           | 200 | "platform":"mlo_fake"
          GET  | /v2/models/adder/ready                      | 200 | {"name":"adder","ready":true}
          GET  | /v2/models/adder/versions/1.0.0             | 200 | "versions":["1.0.0"]
          GET  | /v2/models/adder/versions/1.0.0/ready/      | 200 | "ready":true
          GET  | /v2/models/adder/versions/1.0.0/stats       | 200 | "model_stats":[{
          GET  | /v2/models/adder/stats                      | 200 | "inference_stats":{"success"
          GET  | /v2/models/stats                            | 200 | "model_stats":[{
          GET  | /v2/models/adder/config                     | 200 | "max_batch_size":0
          GET  | /v2/models/adder/versions/1.0.0/config      | 200 | "data_type":"TYPE_FP32"
          POST | /v2/repository/index                        | 200 | "state":"READY"
          GET  | /v2/repository/index                        | 405 | takes POST
          POST | /v2/models                                  | 405 | takes GET
          GET  | /v2//models                                 | 400 | empty segment
          GET  | /v2/models//                                | 400 | empty segment
          GET  | /v2/models/adder//                          | 400 | empty segment
          POST | /v2/repository/models/adder/load            | 404 | nothing at
          POST | /v2/repository/models/adder/unload          | 404 | nothing at
          GET  | /v2/systemsharedmemory/status               | 404 | nothing at
          POST | /v2/systemsharedmemory/region/r/register    | 404 | nothing at
          POST | /v2/cudasharedmemory/region/r/register      | 404 | nothing at
          GET  | /v2/trace/setting                           | 404 | nothing at
          POST | /v2/models/adder/trace/setting              | 404 | nothing at
          GET  | /v2/logging                                 | 404 | nothing at
          POST | /v2/models/adder/generate                   | 404 | nothing at
          POST | /v2/models/adder/generate_stream            | 404 | nothing at
          GET  | /v1/models                                  | 404 | nothing at
          POST | /v1/models/adder:predict                    | 404 | nothing at
          """)
  void answersOrRefusesRoutes(String method, String path, int status, String said)
      throws Exception {
    var request =
        runner.caller.http(path).method(method, HttpRequest.BodyPublishers.ofString("{}"));
    var answer = runner.caller.send(method.equals("GET") ? runner.caller.http(path) : request);

    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.body()).contains(said);
    if (status >= 400) {
      assertThat(answer.error()).isNotEmpty();
    }
  }

  /// What a request says beside its inputs.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      textBlock =
          """
          "id":"7"                                                                        | 200 | "id":"7"
          "id":null,"outputs":null,"parameters":null                                      | 200 | [2.0,42.0]
          "model_name":"adder"                                                            | 200 | [2.0,42.0]
          "outputs":[]                                                                    | 200 | [2.0,42.0]
          "outputs":[{"name":"y"}]                                                        | 200 | [2.0,42.0]
          "outputs":[{"name":"y","parameters":{}}]                                        | 200 | [2.0,42.0]
          "outputs":[{"name":"y","parameters":{"binary_data":false}}]                     | 200 | [2.0,42.0]
          "outputs":[{"name":"y","parameters":{"binary_data":true}}]                      | 200 | "binary_data_size":8
          "outputs":[{"name":"y","parameters":{"binary_data":1}}]                         | 400 | neither true nor false
          "outputs":[{"name":"y","parameters":{"classification":3}}]                      | 400 | not spoken
          "outputs":[{"name":"y","parameters":{"shared_memory_region":"r","shared_memory_byte_size":8}}] | 400 | not spoken
          "parameters":{"binary_data_output":true}                                        | 200 | "binary_data_size":8
          "parameters":{"binary_data_output":true},"outputs":[{"name":"y","parameters":{"binary_data":false}}] | 200 | [2.0,42.0]
          "parameters":{"binary_data_output":"yes"}                                       | 400 | neither true nor false
          "parameters":{"priority":1,"timeout":1000}                                      | 200 | [2.0,42.0]
          "parameters":{"content_type":"np","of_its_own":1.5}                             | 200 | [2.0,42.0]
          "parameters":{"sequence_id":0,"sequence_start":false,"sequence_end":false}      | 200 | [2.0,42.0]
          "parameters":{"sequence_id":""}                                                 | 200 | [2.0,42.0]
          "parameters":{"sequence_id":42}                                                 | 400 | `parameters.sequence_id` asks for a sequence
          "parameters":{"sequence_id":18446744073709551615}                               | 400 | sequence_id
          "parameters":{"sequence_id":"e333c95a"}                                         | 400 | sequence_id
          "parameters":{"sequence_start":true}                                            | 400 | sequence_start
          "parameters":{"sequence_end":true}                                              | 400 | sequence_end
          """)
  void answersOrRefusesWhatARequestSays(String said, int status, String answered) throws Exception {
    var answer =
        runner.caller.send(
            runner.caller.inference("/v2/models/adder/infer/", "{" + said + "," + INPUTS + "}"));

    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.body()).contains(answered);
  }

  /// What a request says of an input, and the bytes behind the JSON.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      textBlock =
          """
          "parameters":{"binary_data_size":8}                              | 0000803f00002442 | 200 | [2.0,42.0]
          "parameters":{"binary_data_size":8,"content_type":"np"}          | 0000803f00002442 | 200 | [2.0,42.0]
          "data":[1,41],"parameters":{"content_type":"np"}                 |                  | 200 | [2.0,42.0]
          "data":[1,41],"parameters":{"binary_data_size":8}                | 0000803f00002442 | 400 | has both
          "parameters":{"binary_data_size":4}                              | 0000803f         | 400 | takes 8
          "parameters":{"binary_data_size":8}                              | 0000803f         | 400 | has 4 bytes left
          "parameters":{"binary_data_size":8}                              | 0000803f0000244200 | 400 | goes on for 1 bytes
          "parameters":{"binary_data_size":"8"}                            | 0000803f00002442 | 400 | no integer
          "data":[1,41],"parameters":{"shared_memory_region":"r"}          |                  | 400 | not spoken
          "parameters":{"shared_memory_region":"r","shared_memory_offset":0,"shared_memory_byte_size":8} | | 400 | not spoken
          """)
  void answersOrRefusesWhatAnInputSays(String said, String hex, int status, String answered)
      throws Exception {
    byte[] json =
        ("{\"inputs\":[{\"name\":\"x\",\"shape\":[2],\"datatype\":\"FP32\"," + said + "}]}")
            .getBytes(UTF_8);
    var body = new ByteArrayOutputStream();
    body.writeBytes(json);
    body.writeBytes(HexFormat.of().parseHex(hex == null ? "" : hex));
    var answer =
        runner.caller.send(
            runner
                .caller
                .http("/v2/models/adder/versions/1.0.0/infer")
                .header("Content-Type", "application/octet-stream")
                .header("Inference-Header-Content-Length", Integer.toString(json.length))
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray())));

    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.body()).contains(answered);
  }

  @Test
  void sendsBytesBehindJsonAndSaysHowLongThatIs() throws Exception {
    String body = "{\"parameters\":{\"binary_data_output\":true}," + INPUTS + "}";
    String answer =
        RawHttp.send(
            runner.service.httpPort(),
            "POST /v2/models/adder/infer HTTP/1.1\r\n"
                + "Host: x\r\n"
                + "Connection: close\r\n"
                + "Content-Length: "
                + body.length()
                + "\r\n\r\n"
                + body);

    int header = answer.indexOf("\r\n\r\n") + 4;
    String length = answer.replaceAll("(?s).*Inference-Header-Content-Length: (\\d+).*", "$1");
    assertThat(answer).contains("Content-Type: application/octet-stream");
    String bytes = answer.substring(header + Integer.parseInt(length));
    assertThat(HexFormat.of().formatHex(bytes.getBytes(ISO_8859_1))).isEqualTo("0000004000002842");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "{\"ready\":true}", "{\"ready\":false}"})
  void listsWhatIsLoadedWhateverTheIndexIsAskedFor(String body) throws Exception {
    var answer =
        runner.caller.send(
            runner
                .caller
                .http("/v2/repository/index")
                .POST(HttpRequest.BodyPublishers.ofString(body)));

    assertThat(answer.json())
        .hasToString(
            "[{\"name\":\"adder\",\"version\":\"1.0.0\",\"state\":\"READY\",\"reason\":\"\"}]");
  }

  @Test
  void refusesTheSameOverGrpc() throws Exception {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", runner.service.grpcPort())
            .usePlaintext()
            .build();
    try {
      var client = GRPCInferenceServiceGrpc.newBlockingStub(channel);
      var plain = InferParameter.newBuilder();
      assertThat(
              client
                  .modelInfer(
                      with("sequence_id", plain.setInt64Param(0).build())
                          .putParameters("priority", plain.setUint64Param(1).build())
                          .build())
                  .getOutputsCount())
          .isEqualTo(1);
      for (InferParameter id :
          new InferParameter[] {
            plain.setInt64Param(42).build(),
            plain.setUint64Param(-1).build(),
            plain.setStringParam("e333c95a").build()
          }) {
        assertThatThrownBy(() -> client.modelInfer(with("sequence_id", id).build()))
            .hasMessageContaining("INVALID_ARGUMENT: `parameters.sequence_id` asks for a sequence");
      }
      InferParameter yes = plain.setBoolParam(true).build();
      assertThatThrownBy(() -> client.modelInfer(with("sequence_end", yes).build()))
          .hasMessageContaining("INVALID_ARGUMENT");
    } finally {
      channel.shutdownNow();
      assertThat(channel.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  private static ModelInferRequest.Builder with(String name, InferParameter value) {
    return ModelInferRequest.newBuilder()
        .setModelName("adder")
        .putParameters(name, value)
        .addInputs(
            ModelInferRequest.InferInputTensor.newBuilder()
                .setName("x")
                .setDatatype("FP32")
                .addShape(1)
                .setContents(InferTensorContents.newBuilder().addFp32Contents(1)));
  }
}
