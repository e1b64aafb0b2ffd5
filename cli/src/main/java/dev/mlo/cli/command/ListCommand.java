package dev.mlo.cli.command;

import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.ListReport;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.image.ListImages;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "list",
    description = "List this project's images and the environments that point at them.",
    footer = {"", "Example:", "  mlo list -o json"})
public final class ListCommand extends Verb {
  @Mixin ProjectOptions project = new ProjectOptions();

  @Override
  protected ExitCode run(Console console) throws Exception {
    console.report(new ListReport(ListImages.list(project.images())));
    return ExitCode.DONE;
  }
}
