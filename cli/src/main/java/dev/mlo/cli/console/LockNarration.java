package dev.mlo.cli.console;

import dev.mlo.oci.LockLog;
import java.nio.file.Path;
import java.time.Duration;

/// Tells who is in the way.
public record LockNarration(Console console) implements LockLog {
  @Override
  public void waiting(Path file, String holder, Duration atMost) {
    console.waiting(
        "waiting for %s, which holds %s; %d s at most".formatted(holder, file, atMost.toSeconds()),
        atMost);
  }
}
