package dev.mlo.cli.command;

import dev.mlo.cli.console.Console;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How a command talks; the same on every command.
public final class OutputOptions {
  /// What `-o` takes.
  public enum Format {
    text,
    json
  }

  /// What `--progress` takes.
  public enum Way {
    auto,
    plain,
    tty,
    json,
    none
  }

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "text",
      description = "Result as text or as one JSON document on stdout (default: ${DEFAULT-VALUE}).")
  Format format = Format.text;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print the one word that matters only, as a rule the digest reference.")
  boolean quiet;

  @Option(
      names = "--progress",
      paramLabel = "MODE",
      defaultValue = "auto",
      description =
          "How stderr tells what goes on: auto (drawn on a terminal, else plain), plain (a line a"
              + " step), tty (drawn), json (an object a line), none (warnings and errors only).")
  Way progress = Way.auto;

  @Option(names = "--debug", description = "Show stack traces.")
  boolean debug;

  @Option(names = "--no-input", description = "Never ask; fail where an answer is needed.")
  boolean noInput;

  private @Nullable Console console;

  /// Always the same one: who reports a failure must know what was drawn.
  public Console console() {
    if (console == null) {
      Console.Output output =
          quiet
              ? Console.Output.BRIEF
              : Console.Output.valueOf(format.name().toUpperCase(Locale.ROOT));
      console = Console.system(output, way(progress.name()));
    }
    return console;
  }

  private static Console.Progress way(String word) {
    return Console.Progress.valueOf(word.toUpperCase(Locale.ROOT));
  }

  /// The console of a command line that could not be parsed: what its arguments ask for, as far as
  /// they can be understood.
  public static Console guess(String... args) {
    List<String> words = List.of(args);
    boolean json =
        words.contains("-ojson")
            || asks(words, "-o", "json")
            || asks(words, "--output", "json")
            || "json".equalsIgnoreCase(System.getenv("MLO_OUTPUT"));
    boolean objects =
        asks(words, "--progress", "json") || "json".equalsIgnoreCase(System.getenv("MLO_PROGRESS"));
    return Console.system(
        json ? Console.Output.JSON : Console.Output.TEXT,
        objects ? Console.Progress.JSON : Console.Progress.AUTO);
  }

  private static boolean asks(List<String> words, String option, String value) {
    return words.contains(option + "=" + value)
        || Collections.indexOfSubList(words, List.of(option, value)) >= 0;
  }
}
