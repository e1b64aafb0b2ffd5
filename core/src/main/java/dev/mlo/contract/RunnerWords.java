package dev.mlo.contract;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The two lines a runner writes to its standard output, for whoever started it.
public final class RunnerWords {
  private static final Pattern STOPPED =
      Pattern.compile("stopped: requests answered: (?<count>[0-9]{1,18})");

  private RunnerWords() {}

  /// @param where it serves what
  public static String ready(String where) {
    return "ready: " + where;
  }

  public static boolean isReady(String line) {
    return line.startsWith("ready:");
  }

  /// @param answered inference requests since the start, whatever the answer
  public static String stopped(long answered) {
    return "stopped: requests answered: " + answered;
  }

  /// How many a runner says it has answered; empty when the line says something else.
  public static OptionalLong answered(String line) {
    Matcher said = STOPPED.matcher(line.strip());
    return said.matches()
        ? OptionalLong.of(Long.parseLong(said.group("count")))
        : OptionalLong.empty();
  }
}
