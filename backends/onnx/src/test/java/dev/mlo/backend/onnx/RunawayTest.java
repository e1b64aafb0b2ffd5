package dev.mlo.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.mlo.backend.Cancellation;
import dev.mlo.backend.InferenceException;
import dev.mlo.backend.Session;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Models that would never answer.
@Timeout(60)
class RunawayTest {
  @TempDir Path directory;

  private Session open(OnnxFile graph) throws Exception {
    OnnxFile.write(directory, graph);
    return new OnnxBackend().open(directory, "model.onnx", 1);
  }

  private static Tensor one(String name) {
    ByteBuffer data = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, 1);
    return new Tensor.Numbers(name, DataType.FP32, Shape.of(1), data);
  }

  /// `y = x`, doubled 2^62 times.
  private static OnnxFile endless() {
    return OnnxFile.endless(OnnxFile.node("Add", "", List.of("s", "s"), "next"));
  }

  @Test
  void aLoopWithoutEndStopsWithinASecondOfItsCancellation() throws Exception {
    var cancellation = new Cancellation();
    try (Session session = open(endless());
        var thread = Executors.newSingleThreadExecutor()) {
      var answer =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return session.infer(List.of(one("x")), List.of(), cancellation);
                } catch (InferenceException e) {
                  throw new CompletionException(e);
                }
              },
              thread);
      assertThat(answer.completeOnTimeout(List.of(), 200, TimeUnit.MILLISECONDS).get()).isEmpty();

      long start = System.nanoTime();
      cancellation.cancel();
      thread.submit(() -> {}).get();

      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(1));
    }
  }

  @Test
  void whatWasCancelledBeforeItBeganDoesNotBegin() throws Exception {
    var cancellation = new Cancellation();
    cancellation.cancel();
    try (Session session = open(endless())) {
      assertThatThrownBy(() -> session.infer(List.of(one("x")), List.of(), cancellation))
          .hasMessage("stopped: nobody waits for the answer any more")
          .asInstanceOf(type(InferenceException.class))
          .satisfies(e -> assertThat(e.isClients()).isFalse());
    }
  }

  @Test
  void aSessionGoesOnAfterACancellation() throws Exception {
    try (Session session = open(OnnxFile.identity(OnnxFile.FLOAT))) {
      var late = new Cancellation();
      assertThat(session.infer(List.of(one("x")), List.of(), late)).hasSize(1);
      late.cancel();
      assertThat(
              catchThrowableOfType(
                  InferenceException.class,
                  () -> session.infer(List.of(one("x")), List.of(), late)))
          .isNotNull();
      assertThat(session.infer(List.of(one("x")), List.of(), new Cancellation())).hasSize(1);
    }
  }

  /// A cancellation may come at any moment, also while the engine lets go of what it touches.
  @Test
  void cancellationsThatRaceWithTheEndDoNoHarm() throws Exception {
    try (Session session = open(OnnxFile.identity(OnnxFile.FLOAT));
        var pool = Executors.newFixedThreadPool(2)) {
      for (int i = 0; i < 2000; i++) {
        var cancellation = new Cancellation();
        var cancelled = pool.submit(cancellation::cancel);
        try {
          assertThat(session.infer(List.of(one("x")), List.of(), cancellation)).hasSize(1);
        } catch (InferenceException e) {
          assertThat(e).hasMessageStartingWith("stopped");
        }
        cancelled.get();
      }
    }
  }
}
