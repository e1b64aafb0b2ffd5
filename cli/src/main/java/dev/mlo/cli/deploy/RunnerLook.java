package dev.mlo.cli.deploy;

import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.RunnerStatus;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// One look at a runner: what it says of itself, or why it says nothing.
///
/// @param status `null` when it could not be asked
/// @param trouble `null` when it answered
public record RunnerLook(@Nullable RunnerStatus status, @Nullable String trouble) {
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final Wire.Limits LIMITS =
      new Wire.Limits(PATIENCE, PATIENCE, PATIENCE, Duration.ofMillis(100));

  /// Waits two seconds at most.
  public static RunnerLook at(RunnerTarget target) throws InterruptedException {
    try (RunnerClient client = new RunnerClient(target, LIMITS)) {
      return new RunnerLook(client.status(), null);
    } catch (Failure e) {
      return new RunnerLook(null, e.what());
    }
  }
}
