package dev.mlo.cli.demo;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What happened, in numbers.
///
/// @param failed requests that got no good answer
/// @param wrong answers that are not those of the version they name
/// @param digests what each environment points at in the end
/// @param before latencies while nothing was swapped, in milliseconds
/// @param swapping latencies while models were swapped
/// @param flips how long the flips took, in milliseconds
/// @param rollbackMillis from the request to the version before serving again
/// @param trouble what is off, in sentences; empty when all is well
/// @param kept the project, when it was to be kept
public record DemoResult(
    long requests,
    long failed,
    long wrong,
    int swaps,
    int refused,
    int rollbacks,
    Map<String, String> digests,
    double requestsPerSecond,
    Percentiles before,
    Percentiles swapping,
    Percentiles flips,
    double rollbackMillis,
    double seconds,
    List<String> trouble,
    @Nullable Path kept) {
  public record Percentiles(double p50, double p99, double max) {
    static Percentiles of(Latencies latencies) {
      return new Percentiles(
          latencies.percentile(0.5), latencies.percentile(0.99), latencies.percentile(1));
    }
  }

  public DemoResult {
    trouble = List.copyOf(trouble);
  }

  public boolean good() {
    return trouble.isEmpty();
  }
}
