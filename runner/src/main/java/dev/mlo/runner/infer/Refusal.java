package dev.mlo.runner.infer;

import dev.mlo.contract.Printable;

/// A request that gets no answer but a reason; each protocol has its own status for it.
public final class Refusal extends Exception {
  /// Why, and by that who should do what.
  public enum Reason {
    /// The request is wrong and will stay so.
    MALFORMED,
    /// There is no such model or version here.
    UNKNOWN,
    /// Nothing serves now; try again.
    NOT_READY,
    /// As many requests wait as may; try again.
    BUSY,
    /// The request is larger than may be.
    TOO_LARGE,
    /// The requests under way take all memory there is for them; try again.
    CROWDED,
    /// There was no answer in time.
    TIMEOUT,
    /// The caller has gone; this is for the log.
    GONE,
    /// The engine failed; another request may do well.
    MODEL,
    /// A fault of the runner.
    INTERNAL
  }

  /// A message may repeat a name from a request of megabytes; over gRPC it travels in a header, of
  /// which clients take 8 KiB.
  private static final int LONGEST = 1000;

  private final Reason reason;
  private final String code;

  /// @param code a word for programs, stable between releases
  public Refusal(Reason reason, String code, String message) {
    super(message);
    this.reason = reason;
    this.code = code;
  }

  /// What is said to whoever asked, of this or another failure.
  public static String words(Throwable failure) {
    return Printable.shortened(String.valueOf(failure.getMessage()), LONGEST);
  }

  public Reason reason() {
    return reason;
  }

  public String code() {
    return code;
  }
}
