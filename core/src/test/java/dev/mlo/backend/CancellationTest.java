package dev.mlo.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CancellationTest {
  private final Cancellation cancellation = new Cancellation();
  private final AtomicInteger stopped = new AtomicInteger();

  @Test
  void stopsWhatIsWatchedOnce() {
    try (var _ = cancellation.watch(stopped::incrementAndGet)) {
      cancellation.cancel();
      cancellation.cancel();
    }
    assertThat(stopped).hasValue(1);
  }

  @Test
  void stopsAtOnceWhatBeginsAfterwards() {
    cancellation.cancel();
    try (var _ = cancellation.watch(stopped::incrementAndGet)) {
      assertThat(stopped).hasValue(1);
    }
    assertThat(cancellation.isCancelled()).isTrue();
  }

  @Test
  void leavesAloneWhatHasEnded() {
    cancellation.watch(stopped::incrementAndGet).close();
    cancellation.cancel();
    assertThat(stopped).hasValue(0);
  }

  @Test
  void belongsToOneInferenceAtATime() {
    try (var _ = cancellation.watch(stopped::incrementAndGet)) {
      assertThatThrownBy(() -> cancellation.watch(stopped::incrementAndGet))
          .isInstanceOf(IllegalStateException.class);
    }
    cancellation.watch(stopped::incrementAndGet).close();
  }

  /// What the stop touches is freed right after the watch; so the end waits for a stop under way.
  @Test
  void theWatchEndsAfterTheStop() throws Exception {
    var begun = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    Cancellation.Watch watch =
        cancellation.watch(() -> {
          begun.countDown();
          await(goOn);
          stopped.incrementAndGet();
        });
    Thread canceller = Thread.ofVirtual().start(cancellation::cancel);
    begun.await();
    var seen = new AtomicInteger(-1);
    Thread ender =
        Thread.ofPlatform()
            .start(() -> {
              watch.close();
              seen.set(stopped.get());
            });
    while (ender.getState() != Thread.State.BLOCKED) {
      Thread.onSpinWait();
    }
    goOn.countDown();
    ender.join();
    canceller.join();
    assertThat(seen).hasValue(1);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
