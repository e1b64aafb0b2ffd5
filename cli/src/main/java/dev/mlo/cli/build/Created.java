package dev.mlo.cli.build;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.oci.ImageConfig;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;

/// The moment that is written into images: never the clock's, for it would change the digest.
public final class Created {
  private static final String VARIABLE = "SOURCE_DATE_EPOCH";

  private Created() {}

  /// Years have four digits in RFC 3339, in which images say when they were made.
  private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

  /// `SOURCE_DATE_EPOCH`, seconds since 1970 (reproducible-builds.org), or 1970 itself.
  public static String fromEnvironment(Map<String, String> environment) {
    String seconds = environment.getOrDefault(VARIABLE, "");
    if (seconds.isEmpty()) {
      return ImageConfig.EPOCH;
    }
    try {
      Instant created = Instant.ofEpochSecond(Long.parseLong(seconds));
      if (created.isAfter(LAST)) {
        throw new DateTimeException("a year of more than four digits");
      }
      return created.toString();
    } catch (NumberFormatException | DateTimeException e) {
      throw Failure.of(ExitCode.USAGE, "`%s` is no value for %s".formatted(seconds, VARIABLE))
          .why("expected whole seconds since 1970-01-01, as in 1767225600")
          .hint("unset " + VARIABLE)
          .cause(e);
    }
  }
}
