package dev.mlo.cli.command;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// The project of a command that takes it as its argument. `-C` is accepted too, as on every other
/// command.
public final class ProjectArgument {
  @Parameters(
      arity = "0..1",
      paramLabel = "DIR",
      description = "The project's directory, or its manifest (default: the current directory).")
  @Nullable Path argument;

  @Option(
      names = {"-C", "--project"},
      paramLabel = "DIR",
      description = "The same as the argument DIR.")
  @Nullable Path option;

  /// @throws Failure USAGE when argument and option name different places
  Path directory() {
    if (argument != null && option != null && !argument.equals(option)) {
      throw Failure.of(ExitCode.USAGE, "the project's directory is given twice")
          .why("`%s` as the argument, `%s` with --project".formatted(argument, option))
          .hint("name one of them");
    }
    if (argument != null) {
      return argument;
    }
    return option != null ? option : Path.of(".");
  }
}
