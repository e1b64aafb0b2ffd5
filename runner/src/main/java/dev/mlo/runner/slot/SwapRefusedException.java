package dev.mlo.runner.slot;

import org.jspecify.annotations.Nullable;

/// A swap, an upload or a rollback that is not even begun. Nothing changed.
public final class SwapRefusedException extends Exception {
  /// Why, in the terms of HTTP's answers.
  public enum Kind {
    /// There is no such swap, or nobody waits for this blob.
    UNKNOWN,
    /// Something else is going on, or it is too late.
    CONFLICT,
    /// The caller saw another generation than the one that serves.
    GENERATION,
    /// The model may not or cannot serve here.
    UNACCEPTABLE,
    /// There is no room.
    SPACE
  }

  private final Kind kind;
  private final String code;
  private final @Nullable String swap;

  SwapRefusedException(Kind kind, String code, String message) {
    this(kind, code, message, null);
  }

  SwapRefusedException(Kind kind, String code, String message, @Nullable String swap) {
    super(message);
    this.kind = kind;
    this.code = code;
    this.swap = swap;
  }

  public Kind kind() {
    return kind;
  }

  public String code() {
    return code;
  }

  /// The swap that is in the way, when it is one.
  public @Nullable String swap() {
    return swap;
  }
}
