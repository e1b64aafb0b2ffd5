package dev.mlo.cli.console;

/// How fast something has moved of late: what lies a few seconds back counts less and less, so that
/// the time left that follows from it neither jumps nor lies.
final class Pace {
  private static final double MEMORY_NANOS = 4e9;
  private static final long SHORTEST = 50_000_000;

  private long bytes;
  private long nanos;
  private double rate;
  private boolean started;
  private boolean known;

  /// @param now of a clock that only goes forward
  /// @return bytes a second
  long reached(long nowBytes, long now) {
    long passed = now - nanos;
    if (!started) {
      started = true;
      bytes = nowBytes;
      nanos = now;
    } else if (passed >= SHORTEST) {
      double here = (nowBytes - bytes) * 1e9 / passed;
      double weight = known ? 1 - Math.exp(-passed / MEMORY_NANOS) : 1;
      rate += weight * (here - rate);
      known = true;
      bytes = nowBytes;
      nanos = now;
    }
    return Math.max(0, Math.round(rate));
  }
}
