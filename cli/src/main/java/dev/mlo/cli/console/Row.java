package dev.mlo.cli.console;

import java.util.List;
import java.util.Locale;

/// A row that shows how far work is, as wide as there is room for.
///
/// @param total bytes; 0: unknown
/// @param rate bytes a second; 0: nothing moves
record Row(String name, long bytes, long total, long rate) {
  private static final int NAME = 24;
  private static final int SHORTEST_BAR = 8;
  private static final int LONGEST_BAR = 30;

  static Row of(Work work, long now) {
    return new Row(plain(work.name()), work.bytes(), work.total(), work.rate(now));
  }

  /// Names of files may hold anything; a terminal must not obey them.
  static String plain(String text) {
    return text.codePoints()
        .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }

  /// As a sentence.
  String words() {
    return total == 0
        ? "%s: %s%s".formatted(name, Amount.bytes(bytes), rate == 0 ? "" : ", " + speed())
        : "%s: %d %% of %s%s"
            .formatted(
                name,
                percent(),
                Amount.bytes(total),
                rate == 0 ? "" : ", " + speed() + ", " + left());
  }

  /// At most one column less than the terminal has: some wrap when the last one is written.
  String text(int width) {
    int room = Math.max(1, width - 1);
    String amounts =
        total == 0
            ? Amount.bytes(bytes)
            : Amount.bytes(Math.min(bytes, total)) + " of " + Amount.bytes(total);
    String tail =
        String.format(Locale.ROOT, "  %-18s  %9s  %-10s", amounts, speed(), left()).stripTrailing();
    int bar = Math.min(LONGEST_BAR, room - NAME - 4 - 43);
    if (total > 0 && bar >= SHORTEST_BAR) {
      return cut(name, NAME) + "  " + bar(bar) + tail;
    }
    if (NAME + tail.length() <= room) {
      return cut(name, NAME) + tail;
    }
    String little = total > 0 ? String.format(Locale.ROOT, " %3d %%", percent()) : " " + amounts;
    for (String end : List.of(little + "  " + speed(), little)) {
      if (end.length() + 10 <= room) {
        return cut(name, Math.min(NAME, room - end.length())) + end;
      }
    }
    return cut(name, room).stripTrailing();
  }

  private String bar(int inner) {
    int full = (int) (Math.min(bytes, total) * inner / total);
    return "[" + "#".repeat(full) + "-".repeat(inner - full) + "]";
  }

  private long percent() {
    return Math.min(bytes, total) * 100 / total;
  }

  private String speed() {
    return rate == 0 ? "" : Amount.bytes(rate) + "/s";
  }

  private String left() {
    if (rate == 0 || total == 0) {
      return "";
    }
    long seconds = Math.ceilDiv(Math.max(0, total - bytes), rate);
    if (seconds >= 100 * 3600) {
      return "days left";
    }
    return seconds < 3600
        ? String.format(Locale.ROOT, "%d:%02d left", seconds / 60, seconds % 60)
        : String.format(Locale.ROOT, "%d h %02d min", seconds / 3600, seconds / 60 % 60);
  }

  /// Exactly so many columns; the end of a name that is too long is what tells it from others.
  private static String cut(String text, int columns) {
    int length = text.codePointCount(0, text.length());
    if (length <= columns) {
      return text + " ".repeat(columns - length);
    }
    if (columns < 4) {
      return text.substring(0, text.offsetByCodePoints(0, columns));
    }
    return "…" + text.substring(text.offsetByCodePoints(0, length - columns + 1));
  }
}
