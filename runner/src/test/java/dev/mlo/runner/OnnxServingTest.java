package dev.mlo.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.contract.SwapState;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The runner with a real engine and real models.
class OnnxServingTest {
  @TempDir Path root;

  @Test
  void swapsRealModelsToAndFroUnderLoad() throws Exception {
    ModelImage one = ModelImage.onnx(Examples.iris("1.0.0"), "iris", "1.0.0");
    ModelImage two = ModelImage.onnx(Examples.iris("2.0.0"), "iris", "2.0.0");
    String request = Files.readString(Examples.iris("1.0.0").resolve("examples/one.json"));
    var answers = new ConcurrentHashMap<String, JsonNode>();
    var stop = new AtomicBoolean();
    var asked = new AtomicInteger();
    var wrong = new AtomicInteger();
    try (Fixture runner = new Fixture(root, one, Map.of())) {
      var clients = new ArrayList<CompletableFuture<Void>>();
      for (int i = 0; i < 3; i++) {
        clients.add(
            CompletableFuture.runAsync(() -> load(runner, request, answers, stop, asked, wrong)));
      }
      for (int i = 0; i < 10; i++) {
        var report = runner.caller.swap(i % 2 == 0 ? two : one);
        assertThat(report.state()).as(report.toString()).isEqualTo(SwapState.COMMITTED);
      }
      stop.set(true);
      CompletableFuture.allOf(clients.toArray(CompletableFuture[]::new)).join();
    }
    assertThat(asked.get()).isPositive();
    assertThat(wrong.get()).isZero();
    assertThat(answers.values().stream().distinct()).hasSize(answers.size());
  }

  /// Every answer of a version is the first answer of that version.
  private static void load(
      Fixture runner,
      String request,
      Map<String, JsonNode> answers,
      AtomicBoolean stop,
      AtomicInteger asked,
      AtomicInteger wrong) {
    try (var client = new Caller(runner.service.httpPort(), runner.service.adminPort())) {
      while (!stop.get()) {
        var answer = client.send(client.inference("/v2/models/iris/infer", request));
        asked.incrementAndGet();
        JsonNode outputs = answer.json().path("outputs");
        String version = answer.json().path("model_version").asText();
        JsonNode first = answers.putIfAbsent(version, outputs);
        if (answer.status() != 200 || (first != null && !first.equals(outputs))) {
          wrong.incrementAndGet();
        }
      }
    } catch (Exception e) {
      wrong.incrementAndGet();
    }
  }

  @Test
  void refusesTheModelThatAnswersWrongly() throws Exception {
    ModelImage one = ModelImage.onnx(Examples.iris("1.0.0"), "iris", "1.0.0");
    ModelImage wrong = ModelImage.onnx(Examples.iris("wrong"), "iris", "3.0.0");
    try (Fixture runner = new Fixture(root, one, Map.of())) {
      var report = runner.caller.swap(wrong);

      assertThat(report.state()).isEqualTo(SwapState.FAILED);
      assertThat(List.of("selftest_mismatch"))
          .contains(java.util.Objects.requireNonNull(report.fault()).code());
      assertThat(runner.caller.get("/v2/models/iris").json().at("/versions/0").asText())
          .isEqualTo("1.0.0");
    }
  }

  /// Every digest fits: whoever changed the model wrote card and manifest as well. Two messages of
  /// protobuf in a row are one, so the graph gets another weight, or another node.
  @Test
  void refusesAModelThatSomebodyChanged() throws Exception {
    byte[] entry = message(13, message(1, "location"), message(2, "/etc/passwd"));
    byte[] weight = message(5, message(8, "w"), new byte[] {0x10, 1, 0x70, 1}, entry);
    byte[] node = message(1, message(4, "Exfiltrate"), message(7, "my.ops"));
    ModelImage one = ModelImage.onnx(Examples.iris("1.0.0"), "iris", "1.0.0");
    try (Fixture runner = new Fixture(root, one, Map.of())) {
      for (var bad :
          Map.of(
                  "the path is not inside the model's directory",
                  message(7, weight),
                  "the engine has no operator `my.ops.Exfiltrate`",
                  message(7, node))
              .entrySet()) {
        var report =
            runner.caller.swap(
                ModelImage.onnx(Examples.iris("2.0.0"), "iris", "2.0.0", bad.getValue()));

        assertThat(report.state()).isEqualTo(SwapState.FAILED);
        var fault = java.util.Objects.requireNonNull(report.fault());
        assertThat(fault.code()).isEqualTo("load_error");
        assertThat(fault.message()).contains(bad.getKey());
        assertThat(runner.caller.get("/v2/health/ready").status()).isEqualTo(200);
      }
    }
  }

  private static byte[] message(int field, String text) {
    return message(field, text.getBytes(StandardCharsets.UTF_8));
  }

  /// A field of protobuf of less than 128 bytes.
  private static byte[] message(int field, byte[]... parts) {
    var body = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      body.writeBytes(part);
    }
    var out = new ByteArrayOutputStream();
    out.write(field << 3 | 2);
    out.write(body.size());
    out.writeBytes(body.toByteArray());
    return out.toByteArray();
  }
}
