package dev.mlo.runner.infer;

import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The last minute of inference, second by second, for people who look. To count an answer costs
/// two additions; a second that is over is replaced as a whole, so nothing is ever cleared under
/// somebody who counts.
public final class Recent {
  static final int SECONDS = 60;

  private static final long NANOS = 1_000_000_000L;
  private static final int SLOTS = 64;

  /// Durations fall into bins from a microsecond to two minutes, eight to each doubling: a quantile
  /// is right to 6 %.
  private static final int FIRST_POWER = 10;

  private static final int LAST_POWER = 37;
  private static final int PARTS_POWER = 3;
  private static final int PARTS = 1 << PARTS_POWER;
  private static final int BINS = (LAST_POWER - FIRST_POWER) * PARTS;

  private static final class Second {
    private final long number;
    private final Map<Code, LongAdder> codes = new EnumMap<>(Code.class);
    private final AtomicIntegerArray durations = new AtomicIntegerArray(BINS);

    private Second(long number) {
      this.number = number;
      for (Code code : Code.values()) {
        codes.put(code, new LongAdder());
      }
    }

    private void count(Code code) {
      Objects.requireNonNull(codes.get(code)).increment();
    }
  }

  /// What a stretch of time has seen. Quantiles are milliseconds, NaN where nothing was measured.
  ///
  /// @param codes answers by how they ended
  public record Span(Map<Code, Long> codes, double p50, double p95) {
    public Span {
      codes = Map.copyOf(codes);
    }

    public long count(Code code) {
      return codes.getOrDefault(code, 0L);
    }

    public long total() {
      return codes.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  private final AtomicReferenceArray<@Nullable Second> ring = new AtomicReferenceArray<>(SLOTS);
  private final LongSupplier clock;

  /// @param clock nanoseconds since whenever, as [System#nanoTime()]
  Recent(LongSupplier clock) {
    this.clock = clock;
  }

  void count(Code code) {
    current().count(code);
  }

  /// A request that was measured from its arrival to its answer.
  void took(long nanos) {
    current().durations.incrementAndGet(bin(nanos));
  }

  private Second current() {
    long number = Math.floorDiv(clock.getAsLong(), NANOS);
    int place = Math.floorMod(number, SLOTS);
    Second found = ring.get(place);
    while (found == null || found.number < number) {
      Second next = new Second(number);
      Second witness = ring.compareAndExchange(place, found, next);
      if (witness == found) {
        return next;
      }
      found = witness;
    }
    return found;
  }

  /// The seconds one by one, oldest first; the last one has just ended.
  public Span[] seconds() {
    long now = Math.floorDiv(clock.getAsLong(), NANOS);
    return IntStream.range(0, SECONDS)
        .mapToObj(i -> span(now - SECONDS + i, now - SECONDS + i))
        .toArray(Span[]::new);
  }

  /// All of the last minute, with the second under way.
  public Span minute() {
    long now = Math.floorDiv(clock.getAsLong(), NANOS);
    return span(now - SECONDS + 1, now);
  }

  private Span span(long first, long last) {
    var codes = new EnumMap<Code, Long>(Code.class);
    int[] durations = new int[BINS];
    for (long number = first; number <= last; number++) {
      Second second = ring.get(Math.floorMod(number, SLOTS));
      if (second != null && second.number == number) {
        second.codes.forEach((code, adder) -> codes.merge(code, adder.sum(), Long::sum));
        add(second.durations, durations);
      }
    }
    return new Span(codes, quantile(durations, 0.5), quantile(durations, 0.95));
  }

  private static void add(AtomicIntegerArray from, int[] to) {
    for (int i = 0; i < to.length; i++) {
      to[i] += from.get(i);
    }
  }

  private static double quantile(int[] durations, double fraction) {
    long wanted = (long) Math.ceil(IntStream.of(durations).sum() * fraction);
    long seen = 0;
    for (int bin = 0; bin < BINS; bin++) {
      seen += durations[bin];
      if (seen >= wanted && seen > 0) {
        return middle(bin) / 1e6;
      }
    }
    return Double.NaN;
  }

  static int bin(long nanos) {
    long within = Math.clamp(nanos, 1L << FIRST_POWER, (1L << LAST_POWER) - 1);
    int power = Long.SIZE - 1 - Long.numberOfLeadingZeros(within);
    int part = (int) (within >>> (power - PARTS_POWER)) & (PARTS - 1);
    return (power - FIRST_POWER) * PARTS + part;
  }

  /// Nanoseconds in the middle of a bin.
  static double middle(int bin) {
    double low = PARTS + bin % PARTS;
    return (low + 0.5) * (1L << (bin / PARTS + FIRST_POWER - PARTS_POWER));
  }
}
