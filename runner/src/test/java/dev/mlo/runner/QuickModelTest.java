package dev.mlo.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.runner.fake.FakeBackend;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Quick models are answered on the threads that read the port; none of them may be held up.
class QuickModelTest {
  /// So many quick answers in a row that one more cannot undo it.
  private static final int IN_A_ROW = 16;

  private static final long QUICK_MILLIS = 1;

  @TempDir Path root;

  /// Asks until the model has been known as quick for a while. On a busy machine an answer is slow
  /// at times, which costs it its name.
  static void becomeQuick(Fixture runner) throws Exception {
    int row = 0;
    while (row < IN_A_ROW) {
      long begin = System.nanoTime();
      assertThat(runner.caller.infer(row).status()).isEqualTo(200);
      boolean quick =
          System.nanoTime() - begin < TimeUnit.MILLISECONDS.toNanos(QUICK_MILLIS)
              && !runner.backend.thread().startsWith("mlo-infer-");
      row = quick ? row + 1 : 0;
    }
  }

  @Test
  void givesTheThreadBackWhenARequestIsNotQuick() throws Exception {
    try (Fixture runner =
        new Fixture(root, ModelImage.adding("1.0.0", 1), Map.of("MLO_WORKERS", "1"))) {
      becomeQuick(runner);

      var held = runner.caller.sendAsync(runner.caller.inference(FakeBackend.BLOCK));
      // Where it was read, and again on a worker.
      runner.backend.awaitBlocked(2);
      assertThat(runner.caller.get("/v2/health/ready").status()).isEqualTo(200);
      runner.backend.unblock();

      assertThat(held.join().status()).isEqualTo(200);
      assertThat(held.join().json().at("/outputs/0/data/0").asDouble()).isEqualTo(778);
      assertThat(runner.caller.send(runner.caller.stranger("/metrics")).body())
          .contains("mlo_inference_in_flight 0.0")
          .doesNotContain("code=\"model_error\"");
    }
  }

  @Test
  void isNotTrustedAfterItWasSlow() throws Exception {
    try (Fixture runner = Fixture.of(root)) {
      becomeQuick(runner);
      var first = runner.caller.sendAsync(runner.caller.inference(FakeBackend.BLOCK));
      runner.backend.awaitBlocked(2);
      runner.backend.unblock();
      assertThat(first.join().status()).isEqualTo(200);
      int before = runner.backend.calls().size();

      // The gate is open: it would not block, and it is not begun twice.
      assertThat(runner.caller.infer(FakeBackend.BLOCK).status()).isEqualTo(200);
      assertThat(runner.backend.calls()).hasSize(before + 1);
    }
  }
}
