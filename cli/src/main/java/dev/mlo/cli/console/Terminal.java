package dev.mlo.cli.console;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// How large the terminal is: as `COLUMNS` and `LINES` say, else as `stty` finds out, which every
/// Linux has; Java has no way to ask.
record Terminal(int columns, int lines) {
  static final Terminal USUAL = new Terminal(80, 24);

  private static final Pattern SIZE = Pattern.compile("([0-9]{1,4}) ([0-9]{1,4})");
  private static final int LARGEST = 1000;

  static Terminal of(Map<String, String> environment) {
    int columns = number(environment.get("COLUMNS"));
    int lines = number(environment.get("LINES"));
    Terminal asked = columns > 0 ? USUAL : ask();
    return new Terminal(columns > 0 ? columns : asked.columns, lines > 0 ? lines : asked.lines);
  }

  private static int number(@Nullable String text) {
    boolean fine = text != null && text.matches("[1-9][0-9]{0,3}");
    return fine ? Math.min(LARGEST, Integer.parseInt(text)) : 0;
  }

  private static Terminal ask() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(new File("/proc/self/fd/2"))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try {
        boolean ended = stty.waitFor(1, TimeUnit.SECONDS);
        return ended ? parse(stty.inputReader(StandardCharsets.UTF_8).readLine()) : USUAL;
      } finally {
        stty.destroyForcibly();
      }
    } catch (IOException e) {
      return USUAL;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return USUAL;
    }
  }

  /// @param line what `stty size` says: rows, then columns; a terminal that does not know says 0
  static Terminal parse(@Nullable String line) {
    Matcher size = SIZE.matcher(line == null ? "" : line);
    if (!size.matches()) {
      return USUAL;
    }
    int lines = number(size.group(1));
    int columns = number(size.group(2));
    return new Terminal(columns > 0 ? columns : USUAL.columns, lines > 0 ? lines : USUAL.lines);
  }
}
