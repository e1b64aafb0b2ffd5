package dev.mlo.cli.command;

import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.HistoryReport;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.promote.History;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "history",
    description = "Show who moved what into the environments, when and why.",
    footer = {"", "Examples:", "  mlo history prod", "  mlo history --verify"})
public final class HistoryCommand extends Verb {
  @Mixin ProjectOptions project = new ProjectOptions();

  @Parameters(paramLabel = "ENV", arity = "0..1", description = "One environment (default: all).")
  @Nullable String environment;

  @Option(
      names = "--verify",
      description = "Walk the chain of digests and the commits; exit code 9 when they do not hold.")
  boolean verify;

  @Override
  protected ExitCode run(Console console) throws Exception {
    console.report(new HistoryReport(new History(project.project()).events(environment, verify)));
    return ExitCode.DONE;
  }
}
