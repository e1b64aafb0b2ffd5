package dev.mlo.cli.command;

import dev.mlo.cli.Installation;
import dev.mlo.cli.build.RunnerUse;
import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.CopyNarration;
import dev.mlo.cli.console.PlacesNarration;
import dev.mlo.cli.console.RunnerUseReport;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.project.Images;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "use",
    description = {
      "Choose the runner image that builds use: one of `mlo runner list`, or one from a registry.",
      "What is fetched is checked to be a runner image that goes with this mlo, engines beside it."
    },
    footer = {
      "",
      "Examples:",
      "  mlo runner use registry.example.com/ml/runner@sha256:…",
      "  mlo runner use 3f6c2d1e9a7b"
    })
public final class RunnerUseCommand extends Verb {
  @Mixin RegistryOptions registries = new RegistryOptions();

  @Parameters(
      index = "0",
      paramLabel = "IMAGE",
      description =
          "The digest of an image that is here, or its beginning; HOST/REPOSITORY@sha256:…,"
              + " HOST/REPOSITORY:TAG, oci:DIR[:NAME] or tar:FILE.")
  String image = "";

  @Option(names = "--dry-run", description = "Only say what would be fetched and used.")
  boolean dryRun;

  @Override
  protected ExitCode run(Console console) throws Exception {
    CopyNarration told = new CopyNarration(console, CopyNarration.Way.DOWNLOAD);
    RunnerUse use = new RunnerUse(Installation.current(), told);
    Images images = registries.on(Images.in(Path.of("")).telling(new PlacesNarration(console)));
    console.report(new RunnerUseReport(use.use(image, images, dryRun)));
    return ExitCode.DONE;
  }
}
