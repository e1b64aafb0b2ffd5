package dev.mlo.cli.command;

import dev.mlo.cli.Installation;
import dev.mlo.cli.build.Created;
import dev.mlo.cli.build.RunnerImage;
import dev.mlo.cli.console.BuildNarration;
import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.RunnerReport;
import dev.mlo.cli.failure.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "build",
    description = {
      "Make the shared runner image: C library, Java, runner, and the engines beside it.",
      "The same installation on the same machine gives the same digest."
    },
    footer = {"", "Example:", "  mlo runner build --base bundled"})
public final class RunnerBuildCommand extends Verb {
  @Option(
      names = "--base",
      paramLabel = "REF",
      defaultValue = RunnerImage.BUNDLED,
      description =
          "What the image stands on: this machine's C library (`bundled`), or an image with glibc"
              + " in a registry (default: ${DEFAULT-VALUE}).")
  String base = RunnerImage.BUNDLED;

  @Override
  protected ExitCode run(Console console) throws Exception {
    RunnerImage runner = new RunnerImage(Installation.current(), new BuildNarration(console));
    console.report(RunnerReport.of(runner.build(base, Created.fromEnvironment(System.getenv()))));
    return ExitCode.DONE;
  }
}
