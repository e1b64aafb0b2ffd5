package dev.mlo.contract;

/// Several requests in one inference. For models whose inputs and outputs all begin with a
/// dimension of any length that counts examples.
///
/// @param max examples in one inference
/// @param delayMillis how long the first request waits for others, in milliseconds; 0: for those
///   only that wait already
public record Batching(int max, long delayMillis) {
  public static final Batching DEFAULT = new Batching(32, 2);

  public Batching {
    if (max < 2 || max > 4096) {
      throw new IllegalArgumentException("batching max " + max + " is not within 2 and 4096");
    }
    if (delayMillis < 0 || delayMillis > 1000) {
      throw new IllegalArgumentException("batching delay is not within 0ms and 1s");
    }
  }
}
