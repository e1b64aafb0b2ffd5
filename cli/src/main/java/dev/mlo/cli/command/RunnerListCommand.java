package dev.mlo.cli.command;

import dev.mlo.cli.Installation;
import dev.mlo.cli.build.BuildLog;
import dev.mlo.cli.build.RunnerImage;
import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.RunnerListReport;
import dev.mlo.cli.failure.ExitCode;
import picocli.CommandLine.Command;

@Command(
    name = "list",
    description = "Show the shared runner image and the engines of this installation.",
    footer = {"", "Example:", "  mlo runner list -o json"})
public final class RunnerListCommand extends Verb {
  @Override
  protected ExitCode run(Console console) throws Exception {
    RunnerImage runner = new RunnerImage(Installation.current(), BuildLog.SILENT);
    console.report(new RunnerListReport(runner.list()));
    return ExitCode.DONE;
  }
}
