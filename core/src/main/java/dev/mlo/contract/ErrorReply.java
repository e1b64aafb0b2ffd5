package dev.mlo.contract;

import org.jspecify.annotations.Nullable;

/// The body of every refused request: `error` is what the Open Inference Protocol asks for; the
/// rest is for programs.
public record ErrorReply(String error, @Nullable String code, @Nullable Serving serving) {
  public static ErrorReply of(String error) {
    return new ErrorReply(error, null, null);
  }
}
