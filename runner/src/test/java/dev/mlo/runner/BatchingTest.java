package dev.mlo.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.runner.fake.FakeBackend;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BatchingTest {
  @TempDir Path root;

  private Fixture batching(Map<String, String> environment) throws Exception {
    return new Fixture(root, ModelImage.adding("1.0.0", 1), environment);
  }

  private static final Map<String, String> FOUR_THAT_WAIT =
      Map.of("MLO_WORKERS", "1", "MLO_BATCH_MAX", "4", "MLO_BATCH_DELAY_MS", "0");

  /// Requests that all wait behind one that blocks.
  private static List<CompletableFuture<Caller.Answer>> queued(Fixture runner, float... inputs)
      throws Exception {
    var answers = new ArrayList<CompletableFuture<Caller.Answer>>();
    answers.add(runner.caller.sendAsync(runner.caller.inference(FakeBackend.BLOCK)));
    runner.backend.awaitBlocked(1);
    for (float input : inputs) {
      answers.add(runner.caller.sendAsync(runner.caller.inference(input)));
    }
    String full = "mlo_inference_queue_size " + inputs.length + ".0";
    while (!runner.caller.send(runner.caller.stranger("/metrics")).body().contains(full)) {
      Thread.onSpinWait();
    }
    return answers;
  }

  @Test
  void infersTogetherWhatWaitsTogetherAndAnswersEachItsOwn() throws Exception {
    try (Fixture runner = batching(FOUR_THAT_WAIT)) {
      int before = runner.backend.calls().size();
      var answers = queued(runner, 1, 2, 3, 4, 5, 6);
      runner.backend.unblock();

      for (int i = 1; i <= 6; i++) {
        var answer = answers.get(i).join();
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(answer.json().at("/outputs/0/data/0").asDouble()).isEqualTo(i + 1);
        assertThat(answer.json().at("/outputs/0/shape/0").asInt()).isEqualTo(1);
      }
      List<Integer> calls = runner.backend.calls();
      assertThat(calls.subList(before, calls.size())).containsExactly(1, 4, 2);
      assertThat(runner.caller.send(runner.caller.stranger("/metrics")).body())
          .contains("mlo_inference_batch_size_bucket{le=\"2.0\"} 1")
          .contains("mlo_inference_batch_size_count 2");
    }
  }

  @Test
  void letsNobodySufferFromItsNeighbour() throws Exception {
    try (Fixture runner = batching(FOUR_THAT_WAIT)) {
      var answers = queued(runner, 1, -1, 3);
      runner.backend.unblock();

      assertThat(answers.get(1).join().status()).isEqualTo(200);
      assertThat(answers.get(2).join().status()).isEqualTo(500);
      assertThat(answers.get(3).join().status()).isEqualTo(200);
    }
  }

  @Test
  void waitsForOthersNoLongerThanItMay() throws Exception {
    try (Fixture runner =
        batching(Map.of("MLO_BATCH_MAX", "4", "MLO_BATCH_DELAY_MS", "5", "MLO_WORKERS", "2"))) {
      var alone = runner.caller.infer(1);

      assertThat(alone.status()).isEqualTo(200);
      assertThat(alone.json().at("/outputs/0/data/0").asDouble()).isEqualTo(2);
    }
  }

  @Test
  void keepsItsPlacesWhileTheyWaitForEachOther() throws Exception {
    try (Fixture runner =
        batching(
            Map.of(
                "MLO_WORKERS", "1",
                "MLO_QUEUE", "1",
                "MLO_BATCH_MAX", "8",
                "MLO_BATCH_DELAY_MS", "1000"))) {
      var answers =
          Stream.of(1f, 2f, 3f)
              .map(input -> runner.caller.sendAsync(runner.caller.inference(input)))
              .toList();

      // Two wait for others; one more is one too many, although no worker is busy.
      assertThat(answers.stream().map(answer -> answer.join().status()))
          .containsExactlyInAnyOrder(200, 200, 429);
      assertThat(runner.caller.infer(4).status()).isEqualTo(200);
    }
  }

  @Test
  void doesNothingOfTheKindUnlessItIsAsked() throws Exception {
    try (Fixture runner = batching(Map.of("MLO_WORKERS", "1"))) {
      int before = runner.backend.calls().size();
      var answers = queued(runner, 1, 2, 3);
      runner.backend.unblock();
      answers.forEach(CompletableFuture::join);

      List<Integer> calls = runner.backend.calls();
      assertThat(calls.subList(before, calls.size())).containsExactly(1, 1, 1, 1);
    }
  }
}
