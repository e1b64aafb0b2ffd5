package dev.mlo.cli.command;

import dev.mlo.cli.Installation;
import dev.mlo.cli.build.RunnerStore;
import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.RunnerListReport;
import dev.mlo.cli.failure.ExitCode;
import picocli.CommandLine.Command;

@Command(
    name = "list",
    description = "Show the runner images of this installation, those that builds use first.",
    footer = {"", "Example:", "  mlo runner list -o json"})
public final class RunnerListCommand extends Verb {
  @Override
  protected ExitCode run(Console console) throws Exception {
    console.report(new RunnerListReport(new RunnerStore(Installation.current()).list()));
    return ExitCode.DONE;
  }
}
