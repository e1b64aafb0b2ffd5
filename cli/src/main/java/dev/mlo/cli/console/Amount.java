package dev.mlo.cli.console;

import java.time.Duration;
import java.util.Locale;

/// Sizes and times as people read them.
public final class Amount {
  private static final String[] UNITS = {"kB", "MB", "GB", "TB", "PB"};

  private Amount() {}

  /// In powers of 1000, three significant digits: `512 B`, `98.1 MB`, `1.07 GB`.
  public static String bytes(long bytes) {
    if (bytes < 1000) {
      return bytes + " B";
    }
    double value = bytes / 1000.0;
    int unit = 0;
    while (value >= 999.5 && unit < UNITS.length - 1) {
      value /= 1000;
      unit++;
    }
    String format = value < 9.995 ? "%.2f %s" : value < 99.95 ? "%.1f %s" : "%.0f %s";
    return String.format(Locale.ROOT, format, value, UNITS[unit]);
  }

  /// `12 ms`, `3.4 s`, `2 min 5 s`.
  public static String time(Duration time) {
    long millis = time.toMillis();
    if (millis < 1000) {
      return millis + " ms";
    }
    return millis < 120_000
        ? String.format(Locale.ROOT, "%.1f s", millis / 1000.0)
        : "%d min %d s".formatted(millis / 60_000, millis / 1000 % 60);
  }
}
