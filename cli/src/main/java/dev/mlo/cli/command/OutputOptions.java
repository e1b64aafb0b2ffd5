package dev.mlo.cli.command;

import dev.mlo.cli.console.Console;
import java.util.Locale;
import picocli.CommandLine.Option;

/// How a command talks; the same on every command.
public final class OutputOptions {
  /// What `-o` takes.
  public enum Format {
    text,
    json
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

  @Option(names = "--debug", description = "Show stack traces.")
  boolean debug;

  @Option(names = "--no-input", description = "Never ask; fail where an answer is needed.")
  boolean noInput;

  public Console console() {
    Console.Output output =
        quiet
            ? Console.Output.BRIEF
            : Console.Output.valueOf(format.name().toUpperCase(Locale.ROOT));
    return Console.system(output);
  }

  /// The console of a command line that could not be parsed: what its arguments ask for, as far as
  /// they can be understood.
  public static Console guess(String... args) {
    var words = java.util.List.of(args);
    boolean json =
        words.contains("-ojson")
            || words.contains("--output=json")
            || java.util.Collections.indexOfSubList(words, java.util.List.of("-o", "json")) >= 0
            || java.util.Collections.indexOfSubList(words, java.util.List.of("--output", "json"))
                >= 0
            || "json".equalsIgnoreCase(System.getenv("MLO_OUTPUT"));
    return Console.system(json ? Console.Output.JSON : Console.Output.TEXT);
  }
}
