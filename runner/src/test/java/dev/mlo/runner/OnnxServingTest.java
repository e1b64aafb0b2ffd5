package dev.mlo.runner;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.contract.SwapState;
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
}
