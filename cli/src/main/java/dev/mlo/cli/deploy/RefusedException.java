package dev.mlo.cli.deploy;

import dev.mlo.contract.Serving;
import org.jspecify.annotations.Nullable;

/// A runner that understood a request and said no, in its own words.
final class RefusedException extends Exception {
  private final int status;
  private final @Nullable String code;
  private final transient @Nullable Serving serving;

  RefusedException(int status, String message, @Nullable String code, @Nullable Serving serving) {
    super(message);
    this.status = status;
    this.code = code;
    this.serving = serving;
  }

  /// The HTTP status: 400, 404, 409, 410, 412, 422 or 507.
  int status() {
    return status;
  }

  /// The reason as a sentence, led by the word for programs.
  String reason() {
    String message = String.valueOf(getMessage());
    return code == null ? message : code + ": " + message;
  }

  @Nullable String code() {
    return code;
  }

  /// What the runner said it serves.
  @Nullable Serving serving() {
    return serving;
  }
}
