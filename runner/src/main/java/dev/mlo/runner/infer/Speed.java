package dev.mlo.runner.infer;

import dev.mlo.contract.Serving;
import org.jspecify.annotations.Nullable;

/// How long inferences of the version that serves take, as far as seen. Read and written without a
/// lock: a lost sample changes nothing.
final class Speed {
  /// A hop to a worker and back costs about 20 us of processor (measured, two cores); what takes no
  /// more than a few times that is cheaper where it is.
  private static final long QUICK_NANOS = 100_000;

  /// One that was slow for once, because the machine was busy or its input was special, costs the
  /// version its reputation for as many.
  private static final int SLOW_COSTS = 500;

  private static final long SLOW_NANOS = 5_000_000;
  private static final int ENOUGH = 50;
  private static final int WEIGHT = 16;

  private volatile Seen seen = new Seen(null);

  private static final class Seen {
    private final @Nullable Serving version;
    private volatile int samples;
    private volatile long average;

    private Seen(@Nullable Serving version) {
      this.version = version;
    }
  }

  /// @param nanos the engine took
  void took(Serving version, long nanos) {
    Seen now = seen;
    if (!version.equals(now.version)) {
      now = new Seen(version);
      seen = now;
    }
    int samples = now.samples;
    long average = now.average;
    now.average = average + (nanos - average) / Math.clamp(samples + 1, 1, WEIGHT);
    now.samples = nanos > SLOW_NANOS ? -SLOW_COSTS : Math.min(ENOUGH, samples + 1);
  }

  boolean isQuick(Serving version) {
    Seen now = seen;
    return now.samples >= ENOUGH && now.average < QUICK_NANOS && version.equals(now.version);
  }
}
