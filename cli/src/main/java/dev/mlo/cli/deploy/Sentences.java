package dev.mlo.cli.deploy;

import dev.mlo.contract.Serving;
import org.jspecify.annotations.Nullable;

/// How messages speak of what a runner serves.
final class Sentences {
  private Sentences() {}

  /// `iris 1.0.0`.
  static String model(@Nullable Serving serving) {
    return serving == null ? "nothing" : serving.model() + " " + serving.version();
  }

  static String stillServes(@Nullable Serving serving) {
    return serving == null
        ? "the runner still serves nothing"
        : "the old model `%s` still serves".formatted(model(serving));
  }
}
