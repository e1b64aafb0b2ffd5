package dev.mlo.runner.slot;

import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import dev.mlo.runner.model.Durable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Counts the boots of a version that never became ready, so that a model which takes the process
/// down with it cannot keep it down.
final class BootGuard {
  /// Boots a version gets before the one before it is served instead.
  static final int ATTEMPTS = 3;

  private final Path file;

  /// @param target what was being booted
  private record Count(String target, int attempts) {}

  BootGuard(Path file) {
    this.file = file;
  }

  /// Whether this target has used up its attempts.
  boolean isExhausted(String target) throws IOException {
    return attempts(target) >= ATTEMPTS;
  }

  /// Counts an attempt, on disk before the version is touched.
  void attempt(String target) throws IOException {
    Durable.write(file, Json.pretty(new Count(target, attempts(target) + 1)));
  }

  void succeeded() throws IOException {
    Files.deleteIfExists(file);
  }

  private int attempts(String target) throws IOException {
    if (!Files.isRegularFile(file)) {
      return 0;
    }
    try {
      Count count = Json.parse(Files.readAllBytes(file), Count.class);
      return count.target().equals(target) ? count.attempts() : 0;
    } catch (JsonFormatException e) {
      return 0;
    }
  }
}
