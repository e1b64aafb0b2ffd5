package dev.mlo.runner;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests that clients compress, as Triton's do when they are told to.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CompressedBodyTest {
  private static final int MOST_BYTES = 65_536;

  private Fixture runner;

  @BeforeAll
  void start(@TempDir Path root) throws Exception {
    runner =
        new Fixture(
            root,
            ModelImage.adding("1.0.0", 1),
            Map.of("MLO_MAX_REQUEST_BYTES", Integer.toString(MOST_BYTES)));
  }

  @AfterAll
  void stop() throws Exception {
    runner.close();
  }

  private static byte[] packed(String coding, byte[] body) throws IOException {
    var packed = new ByteArrayOutputStream();
    try (OutputStream out =
        coding.endsWith("gzip") ? new GZIPOutputStream(packed) : new DeflaterOutputStream(packed)) {
      out.write(body);
    }
    return packed.toByteArray();
  }

  private HttpRequest.Builder post(String coding, byte[] body) {
    return runner
        .caller
        .http("/v2/models/adder/infer")
        .header("Content-Type", "application/json")
        .header("Content-Encoding", coding)
        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
  }

  private void refuses(Caller.Answer answer, int status, String reason) throws Exception {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.error()).contains(reason);
    assertThat(runner.caller.send(runner.caller.stranger("/metrics")).body())
        .contains("mlo_request_body_bytes 0.0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"gzip", "x-gzip", "GZIP", "deflate"})
  void answersThemAsIfTheyWereNotCompressed(String coding) throws Exception {
    byte[] packed =
        packed(coding.toLowerCase(java.util.Locale.ROOT), Caller.body(41).getBytes(UTF_8));
    // Often enough to become quick, and to be found wanting then.
    for (int i = 0; i < 60; i++) {
      var answer = runner.caller.send(post(coding, packed));

      assertThat(answer.status()).as(answer.body()).isEqualTo(200);
      assertThat(answer.body()).contains("[42.0]");
    }
  }

  /// The header says how long the JSON is when the body is unpacked.
  @Test
  void unpacksJsonAndTheBytesBehindIt() throws Exception {
    byte[] json =
        ("{\"inputs\":[{\"name\":\"x\",\"shape\":[2],\"datatype\":\"FP32\",\"parameters\":"
                + "{\"binary_data_size\":8}}]}")
            .getBytes(UTF_8);
    var body = new ByteArrayOutputStream();
    body.writeBytes(json);
    body.writeBytes(HexFormat.of().parseHex("0000803f00002442"));
    var answer =
        runner.caller.send(
            post("gzip", packed("gzip", body.toByteArray()))
                .header("Inference-Header-Content-Length", Integer.toString(json.length)));

    assertThat(answer.body()).contains("[2.0,42.0]");
  }

  @Test
  void unpacksABodyAsLargeAsMayBe() throws Exception {
    byte[] body = Arrays.copyOf(Caller.body(1).getBytes(UTF_8), MOST_BYTES);
    Arrays.fill(body, Caller.body(1).length(), MOST_BYTES, (byte) ' ');

    assertThat(runner.caller.send(post("gzip", packed("gzip", body))).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(ints = {MOST_BYTES + 1, 50_000_000})
  void refusesWhatGrowsTooLarge(int length) throws Exception {
    byte[] packed = packed("gzip", new byte[length]);

    refuses(runner.caller.send(post("gzip", packed)), 413, "65536 bytes allowed");
  }

  @Test
  void refusesWhatIsNotCompressedAsItSays() throws Exception {
    byte[] packed = packed("gzip", Caller.body(1).getBytes(UTF_8));

    refuses(runner.caller.send(post("gzip", "{}".getBytes(UTF_8))), 400, "no gzip");
    refuses(runner.caller.send(post("deflate", packed)), 400, "no deflate");
    refuses(
        runner.caller.send(post("gzip", Arrays.copyOf(packed, packed.length / 2))), 400, "no gzip");
    refuses(runner.caller.send(post("gzip", new byte[0])), 400, "no gzip");
  }

  @ParameterizedTest
  @ValueSource(strings = {"br", "zstd", "gzip, gzip"})
  void saysWhatItTakesInstead(String coding) throws Exception {
    var answer = runner.caller.send(post(coding, new byte[10]));

    assertThat(answer.headers().firstValue("Accept-Encoding")).contains("gzip, deflate");
    refuses(answer, 415, "not gzip or deflate");
  }
}
