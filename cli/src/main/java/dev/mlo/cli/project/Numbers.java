package dev.mlo.cli.project;

import java.math.BigInteger;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Numbers, durations and sizes as a manifest writes them.
final class Numbers {
  private static final int MAX_DIGITS = 400;

  private Numbers() {}

  /// `null` beyond 64 bits.
  static @Nullable Long whole(String text) {
    if (text.length() > MAX_DIGITS) {
      return null;
    }
    BigInteger number =
        text.startsWith("0x")
            ? new BigInteger(text.substring(2), 16)
            : text.startsWith("0o") ? new BigInteger(text.substring(2), 8) : new BigInteger(text);
    return number.bitLength() < Long.SIZE ? number.longValue() : null;
  }

  /// NaN where it is none.
  static double real(String text) {
    if (text.length() > MAX_DIGITS || text.toLowerCase(Locale.ROOT).contains("n")) {
      return Double.NaN;
    }
    return text.startsWith("0x") || text.startsWith("0o")
        ? wholeAsReal(text)
        : Double.parseDouble(text);
  }

  private static double wholeAsReal(String text) {
    Long number = whole(text);
    return number == null ? Double.NaN : number;
  }

  /// @param text as [ManifestKeys#DURATION] takes it
  static long millis(String text) {
    int unit = unitStart(text);
    long factor =
        switch (text.substring(unit)) {
          case "ms" -> 1;
          case "s" -> 1000;
          case "m" -> 60_000;
          default -> 3_600_000;
        };
    return Long.parseLong(text.substring(0, unit)) * factor;
  }

  /// @param text as [ManifestKeys#SIZE] takes it
  static long bytes(String text) {
    int unit = unitStart(text);
    long factor =
        switch (text.substring(unit)) {
          case "kB", "KB" -> 1000L;
          case "MB" -> 1_000_000L;
          case "GB" -> 1_000_000_000L;
          case "KiB" -> 1L << 10;
          case "MiB" -> 1L << 20;
          case "GiB" -> 1L << 30;
          default -> 1L;
        };
    return Math.multiplyExact(Long.parseLong(text.substring(0, unit)), factor);
  }

  private static int unitStart(String text) {
    int at = 0;
    while (at < text.length() && Character.isDigit(text.charAt(at))) {
      at++;
    }
    return at;
  }
}
