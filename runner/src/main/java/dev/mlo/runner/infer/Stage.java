package dev.mlo.runner.infer;

import java.util.Locale;

/// Where the time of a request goes.
enum Stage {
  QUEUE,
  DECODE,
  /// Waiting for others to share an inference with.
  BATCH,
  INFER,
  ENCODE;

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
