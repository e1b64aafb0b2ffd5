package dev.mlo.oci.registry;

import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;

/// An access token, for as long as it is good.
///
/// @param fetched when we asked for it, by our clock
/// @param lifetime how long it is good from then on
/// @param doubtful whether it was fetched because the one before was refused, and was accepted for
///   nothing yet
record Token(String value, Instant fetched, Duration lifetime, boolean doubtful) {
  private static final Pattern SENDABLE = Pattern.compile("[\\x21-\\x7e]{1,65536}");

  /// Renewed this long before the end at most, so that no request starts with one that is about to
  /// expire.
  private static final Duration MARGIN = Duration.ofSeconds(10);

  /// A replacement that is refused within this time was no use: asking once more would be neither.
  private static final Duration FRESH = Duration.ofSeconds(10);

  /// Whether it can stand in a header; checked here because the JDK's own message repeats the
  /// value.
  static boolean isSendable(String value) {
    return SENDABLE.matcher(value).matches();
  }

  boolean isGood(Instant now) {
    Duration quarter = lifetime.dividedBy(4);
    Duration margin = quarter.compareTo(MARGIN) < 0 ? quarter : MARGIN;
    return now.isBefore(fetched.plus(lifetime).minus(margin));
  }

  boolean isUseless(Instant now) {
    return doubtful && now.isBefore(fetched.plus(FRESH));
  }

  Token asDoubtful(boolean is) {
    return new Token(value, fetched, lifetime, is);
  }

  String header() {
    return "Bearer " + value;
  }

  @Override
  public String toString() {
    return "a token good for " + lifetime.toSeconds() + " s";
  }
}
