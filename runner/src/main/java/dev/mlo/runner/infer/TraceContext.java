package dev.mlo.runner.infer;

import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The trace a request belongs to, as its header `traceparent` says, and this runner's part of it.
/// Format: [W3C Trace Context](https://www.w3.org/TR/trace-context/).
///
/// @param trace 32 hexadecimal digits, not all zero
/// @param span 16 hexadecimal digits, not all zero: ours
/// @param flags two hexadecimal digits, as the caller sent them
public record TraceContext(String trace, String span, String flags) {
  public static final String REQUEST_HEADER = "traceparent";
  public static final String RESPONSE_HEADER = "traceresponse";

  /// Later versions may say more behind what is known here.
  private static final Pattern FORM =
      Pattern.compile(
          "(?!ff)([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.{0,400})?");

  /// Empty when there is no header, or one that names no trace; such a one is to be ignored.
  public static Optional<TraceContext> of(@Nullable String header) {
    if (header == null) {
      return Optional.empty();
    }
    Matcher form = FORM.matcher(header);
    if (!form.matches()
        || isZero(form.group(2))
        || isZero(form.group(3))
        || (form.group(1).equals("00") && form.group(5) != null)) {
      return Optional.empty();
    }
    return Optional.of(new TraceContext(form.group(2), newSpan(), form.group(4)));
  }

  private static boolean isZero(String digits) {
    return digits.chars().allMatch(digit -> digit == '0');
  }

  private static String newSpan() {
    long span = ThreadLocalRandom.current().nextLong();
    return HexFormat.of().toHexDigits(span == 0 ? 1 : span);
  }

  /// The value of `traceresponse`: who answered, in the caller's trace.
  public String response() {
    return "00-" + trace + "-" + span + "-" + flags;
  }
}
