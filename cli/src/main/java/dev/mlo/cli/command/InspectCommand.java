package dev.mlo.cli.command;

import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.InspectReport;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.image.InspectImage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "inspect",
    description = "Show what an image holds: model card, signature, layers, test result, digest.",
    footer = {
      "",
      "Examples:",
      "  mlo inspect",
      "  mlo inspect iris:1.0.0",
      "  mlo inspect env:prod -o json"
    })
public final class InspectCommand extends Verb {
  @Mixin ProjectOptions project = new ProjectOptions();

  @Mixin ImageArgument image = new ImageArgument();

  @Override
  protected ExitCode run(Console console) throws Exception {
    console.report(new InspectReport(InspectImage.inspect(project.images(), image.name(project))));
    return ExitCode.DONE;
  }
}
