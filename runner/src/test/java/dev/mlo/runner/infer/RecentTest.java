package dev.mlo.runner.infer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecentTest {
  private static final long SECOND = 1_000_000_000L;

  private final AtomicLong now = new AtomicLong(-3 * SECOND);
  private final Recent recent = new Recent(now::get);

  @Test
  void countsAMinuteAndForgetsWhatIsOlder() {
    recent.count(Code.OK);
    recent.count(Code.REJECTED);
    now.addAndGet(10 * SECOND);
    recent.count(Code.OK);

    assertThat(recent.minute().count(Code.OK)).isEqualTo(2);
    assertThat(recent.minute().total()).isEqualTo(3);
    now.addAndGet(50 * SECOND);
    assertThat(recent.minute().total()).isEqualTo(1);
    now.addAndGet(3600 * SECOND);
    assertThat(recent.minute().total()).isZero();
    assertThat(recent.minute().p95()).isNaN();
  }

  @Test
  void tellsTheSecondsApart() {
    recent.count(Code.OK);
    now.addAndGet(SECOND);
    recent.count(Code.OK);
    recent.count(Code.OK);
    now.addAndGet(SECOND);
    recent.count(Code.OK);

    long[] counts = Arrays.stream(recent.seconds()).mapToLong(Recent.Span::total).toArray();

    assertThat(counts).hasSize(60).endsWith(0, 1, 2);
    assertThat(LongStream.of(counts).sum()).as("the second under way is not over").isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(
      longs = {1024, 5_000, 123_456, 1_000_000, 77_777_777, 1_500_000_000, 60_000_000_000L})
  void knowsADurationToSixPercent(long nanos) {
    recent.took(nanos);

    assertThat(recent.minute().p50()).isCloseTo(nanos / 1e6, within(nanos / 1e6 * 0.0626));
    assertThat(recent.minute().p95()).isEqualTo(recent.minute().p50());
  }

  @Test
  void takesDurationsBeyondItsBins() {
    recent.took(0);
    recent.took(-5);
    recent.took(Long.MAX_VALUE);

    assertThat(recent.minute().p50()).isLessThan(0.002);
    assertThat(recent.minute().p95()).isGreaterThan(100_000);
  }

  @Test
  void findsQuantilesAmongMany() {
    IntStream.rangeClosed(1, 1000).forEach(millis -> recent.took(millis * 1_000_000L));

    assertThat(recent.minute().p50()).isCloseTo(500, within(32.0));
    assertThat(recent.minute().p95()).isCloseTo(950, within(60.0));
  }

  @Test
  void losesNothingWhenManyCountWhileSecondsPass() {
    var counters =
        IntStream.range(0, 4)
            .mapToObj(thread ->
                CompletableFuture.runAsync(() -> {
                  for (int i = 0; i < 5_000; i++) {
                    recent.count(Code.OK);
                    if (thread == 0 && i % 100 == 0) {
                      now.addAndGet(SECOND);
                    }
                  }
                }))
            .toArray(CompletableFuture[]::new);
    CompletableFuture.allOf(counters).join();

    assertThat(recent.minute().total()).isEqualTo(20_000);
  }
}
