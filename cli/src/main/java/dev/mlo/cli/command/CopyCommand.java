package dev.mlo.cli.command;

import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.CopyNarration;
import dev.mlo.cli.console.CopyReport;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.image.CopyImage;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "copy",
    description = {
      "Copy an image by digest, with everything said of it.",
      "Names: NAME:TAG (this project), HOST/REPOSITORY:TAG (registry), oci:DIR[:NAME], tar:FILE"
          + " (for docker load, skopeo, and mlo), docker:NAME[:TAG] (the Docker Engine),"
          + " env:ENVIRONMENT (source only)."
    },
    footer = {
      "",
      "Examples:",
      "  mlo copy iris:1.0.0 tar:iris.tar",
      "  mlo copy tar:iris.tar iris",
      "  mlo copy iris:1.0.0 registry.example.com/ml/iris",
      "  mlo copy iris:1.0.0 docker:iris",
      "  mlo copy env:prod oci:/mnt/usb/models --dry-run"
    })
public final class CopyCommand extends Verb {
  @Mixin ProjectOptions project = new ProjectOptions();

  @Mixin RegistryOptions registries = new RegistryOptions();

  @Parameters(index = "0", paramLabel = "SOURCE", description = "The image to copy.")
  String source = "";

  @Parameters(
      index = "1",
      paramLabel = "DESTINATION",
      description = "Where to, and its name there.")
  String destination = "";

  @Option(
      names = "--force",
      description = "Let a name that points at another image point at this one.")
  boolean force;

  @Option(names = "--dry-run", description = "Only say what would be copied.")
  boolean dryRun;

  @Override
  protected ExitCode run(Console console) throws Exception {
    CopyNarration told = new CopyNarration(console, CopyNarration.Way.COPY);
    CopyImage copy = new CopyImage(registries.on(project.images(console)), told);
    CopyImage.Result result = copy.copy(new CopyImage.Request(source, destination, force, dryRun));
    told.copied(result);
    console.report(new CopyReport(result));
    return ExitCode.DONE;
  }
}
