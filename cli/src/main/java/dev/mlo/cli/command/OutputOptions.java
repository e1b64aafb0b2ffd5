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
}
