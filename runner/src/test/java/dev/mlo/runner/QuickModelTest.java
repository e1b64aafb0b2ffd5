package dev.mlo.runner;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.runner.fake.FakeBackend;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Quick models are answered on the threads that read the port; none of them may be held up.
class QuickModelTest {
  @TempDir Path root;

  @Test
  void givesTheThreadBackWhenARequestIsNotQuick() throws Exception {
    try (Fixture runner =
        new Fixture(root, ModelImage.adding("1.0.0", 1), Map.of("MLO_WORKERS", "1"))) {
      // More than it takes to be known as quick.
      for (int i = 0; i < 100; i++) {
        assertThat(runner.caller.infer(i).status()).isEqualTo(200);
      }

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
      for (int i = 0; i < 100; i++) {
        runner.caller.infer(i);
      }
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
