package dev.mlo.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.runner.fake.FakeBackend;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InferenceTest {
  private Fixture runner;

  @BeforeAll
  void start(@TempDir Path root) throws Exception {
    runner =
        new Fixture(root, ModelImage.adding("1.0.0", 1), Map.of("MLO_MAX_REQUEST_BYTES", "2048"));
  }

  @AfterAll
  void stop() throws Exception {
    runner.close();
  }

  @Test
  void answersWithTheVersionThatAnsweredAndTheIdOfTheRequest() throws Exception {
    var answer = runner.caller.infer(41);

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.json().path("model_name").asText()).isEqualTo("adder");
    assertThat(answer.json().path("model_version").asText()).isEqualTo("1.0.0");
    assertThat(answer.json().path("id").asText()).isEqualTo("q");
    assertThat(answer.json().at("/outputs/0/data/0").asDouble()).isEqualTo(42);
  }

  @Test
  void describesServerAndModel() throws Exception {
    assertThat(runner.caller.get("/v2").json().path("name").asText()).isEqualTo("mlo");
    var model = runner.caller.get("/v2/models/adder").json();
    assertThat(model.path("platform").asText()).isEqualTo("mlo_fake");
    assertThat(model.at("/inputs/0/datatype").asText()).isEqualTo("FP32");
    assertThat(model.at("/inputs/0/shape/0").asInt()).isEqualTo(-1);
    assertThat(model.at("/versions/0").asText()).isEqualTo("1.0.0");
    assertThat(
            runner
                .caller
                .get("/v2/models/adder/versions/1.0.0/ready")
                .json()
                .path("ready")
                .asBoolean())
        .isTrue();
  }

  @Test
  void isAliveAndReadyOnBothPorts() throws Exception {
    for (String path : new String[] {"/v2/health/live", "/v2/health/ready", "/livez", "/readyz"}) {
      assertThat(runner.caller.get(path).status()).as(path).isEqualTo(200);
      assertThat(runner.caller.send(runner.caller.stranger(path)).status()).isEqualTo(200);
    }
    assertThat(runner.caller.send(runner.caller.stranger("/healthz")).status()).isEqualTo(200);
  }

  @Test
  void showsAPageToPeople() throws Exception {
    var page = runner.caller.get("/");

    assertThat(page.status()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Type").orElse("")).startsWith("text/html");
    assertThat(page.body()).contains("adder 1.0.0");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          GET    | /nowhere                              | 404 | nothing at
          GET    | /v2/models/other                      | 404 | `other`
          GET    | /v2/models/adder/versions/9           | 404 | version `9`
          POST   | /v2/models/other/infer                | 404 | `other`
          POST   | /v2/models/adder/versions/9/infer     | 404 | version `9`
          GET    | /v2/models/adder/infer                | 405 | takes POST
          DELETE | /v2/health/live                       | 405 | takes GET
          GET    | /v2/models/%zz                        | 400 | ''
          GET    | /v2/models/a%2fb                      | 400 | ''
          """)
  void refusesWithItsStatusAndAReason(String method, String path, int status, String reason)
      throws Exception {
    String reply =
        RawHttp.send(
            runner.service.httpPort(),
            method
                + " "
                + path
                + " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

    assertThat(reply).startsWith("HTTP/1.1 " + status);
    assertThat(reply).contains("{\"error\":").contains(reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      textBlock =
          """
          {                                                                                           | line
          []                                                                                          |
          {}                                                                                          | inputs
          {"inputs":[]}                                                                               | input `x` is missing
          {"inputs":[{"name":"z","shape":[1],"datatype":"FP32","data":[1]}]}                          | no input `z`
          {"inputs":[{"name":"x","shape":[1],"datatype":"INT64","data":[1]}]}                         | is INT64
          {"inputs":[{"name":"x","shape":[1,1],"datatype":"FP32","data":[1]}]}                        | shape [1,1]
          {"inputs":[{"name":"x","shape":[2],"datatype":"FP32","data":[1]}]}                          | inputs[0].data
          {"inputs":[{"name":"x","shape":[1],"datatype":"FLOAT","data":[1]}]}                         | FLOAT
          {"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]},{"name":"x","shape":[1],"datatype":"FP32","data":[1]}]} | twice
          {"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":[1]}],"outputs":[{"name":"w"}]} | no output `w`
          """)
  void refusesInputsTheModelDoesNotTake(String body, String reason) throws Exception {
    var answer = runner.caller.send(runner.caller.inference("/v2/models/adder/infer", body));

    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    assertThat(answer.error()).contains(reason == null ? "" : reason);
  }

  @Test
  void refusesBodiesThatAreNoJson() throws Exception {
    var answer =
        runner.caller.send(
            runner
                .caller
                .http("/v2/models/adder/infer")
                .header("Content-Type", "text/plain")
                .POST(HttpRequest.BodyPublishers.ofString("x")));

    assertThat(answer.status()).isEqualTo(415);
    assertThat(answer.error()).contains("text/plain");
  }

  @Test
  void refusesLargeBodiesWhetherAnnouncedOrNot() throws Exception {
    byte[] large = new byte[10_000];
    var announced = HttpRequest.BodyPublishers.ofByteArray(large);
    var chunked =
        HttpRequest.BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(large));

    for (var body : new HttpRequest.BodyPublisher[] {announced, chunked}) {
      var answer = runner.caller.send(runner.caller.http("/v2/models/adder/infer").POST(body));
      assertThat(answer.status()).isEqualTo(413);
      assertThat(answer.error()).contains("2048");
    }
  }

  @Test
  void saysInTheSameWordsWhatIsNoHttp() throws Exception {
    assertThat(RawHttp.send(runner.service.httpPort(), "GARBAGE\r\n\r\n"))
        .startsWith("HTTP/1.1 400")
        .contains("\"error\":");
    assertThat(
            RawHttp.send(
                runner.service.httpPort(),
                "GET /v2 HTTP/1.1\r\nHost: x\r\nA: " + "a".repeat(20_000) + "\r\n\r\n"))
        .startsWith("HTTP/1.1 431")
        .contains("\"error\":");
  }

  @Test
  void blamesTheEngineWithFiveHundred() throws Exception {
    var answer = runner.caller.infer(-1);

    assertThat(answer.status()).isEqualTo(500);
    assertThat(answer.json().path("code").asText()).isEqualTo("model_error");
  }

  /// The same question is answered in another form.
  @Test
  void bytesThatAreNoTextAreAskedForAsBytes() throws Exception {
    String refused =
        "mlo_inference_requests_total{code=\"client_error\",model_name=\"adder\","
            + "model_version=\"1.0.0\",protocol=\"rest\",role=\"active\"} ";
    double before = counted(refused);

    var answer = runner.caller.infer(FakeBackend.NO_TEXT);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().path("code").asText()).isEqualTo("not_text");
    assertThat(answer.error()).contains("`binary_data`: true");
    assertThat(counted(refused)).isEqualTo(before + 1);
    String bytes =
        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1],\"datatype\":\"FP32\",\"data\":[%s]}],"
                .formatted(FakeBackend.NO_TEXT)
            + "\"parameters\":{\"binary_data_output\":true}}";
    assertThat(
            runner.caller.send(runner.caller.inference("/v2/models/adder/infer", bytes)).status())
        .isEqualTo(200);
  }

  private double counted(String series) throws Exception {
    return runner
        .caller
        .send(runner.caller.stranger("/metrics"))
        .body()
        .lines()
        .filter(line -> line.startsWith(series))
        .mapToDouble(line -> Double.parseDouble(line.substring(series.length())))
        .sum();
  }

  @Test
  void countsWhatItAnswered() throws Exception {
    runner.caller.infer(1);

    String metrics = runner.caller.send(runner.caller.stranger("/metrics")).body();

    assertThat(metrics)
        .contains(
            "mlo_inference_requests_total{code=\"ok\",model_name=\"adder\",model_version=\"1.0.0\",protocol=\"rest\",role=\"active\"}")
        .contains("mlo_model_generation 1.0")
        .contains("mlo_inference_duration_seconds_bucket")
        .contains("mlo_model_info{");
  }
}
