package dev.mlo.runner.infer;

import java.util.Locale;

/// How a request ended, for the metrics.
public enum Code {
  OK,
  CLIENT_ERROR,
  REJECTED,
  TIMEOUT,
  /// The caller went before there was an answer.
  CANCELLED,
  MODEL_ERROR,
  INTERNAL;

  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
