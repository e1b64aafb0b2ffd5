package dev.mlo.cli.command;

import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.InspectReport;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.image.InspectImage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "inspect",
    description = "Show what an image holds: model card, signature, layers, test result, digest.",
    footer = {"", "Examples:", "  mlo inspect iris:1.0.0", "  mlo inspect env:prod -o json"})
public final class InspectCommand extends Verb {
  @Mixin ProjectOptions project = new ProjectOptions();

  @Parameters(
      paramLabel = "IMAGE",
      description = "NAME[:TAG], NAME@sha256:…, oci:DIR[:NAME], tar:FILE or env:ENVIRONMENT.")
  String image = "";

  @Override
  protected ExitCode run(Console console) throws Exception {
    console.report(new InspectReport(InspectImage.inspect(project.images(), image)));
    return ExitCode.DONE;
  }
}
