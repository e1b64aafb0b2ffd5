package dev.mlo.cli.command;

import dev.mlo.cli.Installation;
import dev.mlo.cli.build.RunnerPush;
import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.CopyNarration;
import dev.mlo.cli.console.PlacesNarration;
import dev.mlo.cli.console.RunnerPushReport;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.image.CopyImage;
import dev.mlo.cli.project.Images;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "push",
    description = {
      "Send the runner images in use, with their engines, so that a team pins one digest.",
      "Of several platforms, an index is sent. With it, builds give the same digests everywhere."
    },
    footer = {
      "",
      "Examples:",
      "  mlo runner push registry.example.com/ml/runner",
      "  mlo runner push oci:team-runner:1"
    })
public final class RunnerPushCommand extends Verb {
  @Mixin RegistryOptions registries = new RegistryOptions();

  @Parameters(
      index = "0",
      paramLabel = "NAME",
      description = "HOST/REPOSITORY[:TAG], oci:DIR[:NAME] or tar:FILE; the tag is mlo's version.")
  String name = "";

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH",
      description = "Only the image for this platform; may be repeated (default: all in use).")
  List<String> platforms = List.of();

  @Option(names = "--force", description = "Let a tag that points at another image move.")
  boolean force;

  @Option(names = "--dry-run", description = "Only say what would be sent.")
  boolean dryRun;

  @Override
  protected ExitCode run(Console console) throws Exception {
    CopyNarration told = new CopyNarration(console, CopyNarration.Way.UPLOAD);
    Images images = registries.on(Images.in(Path.of("")).telling(new PlacesNarration(console)));
    CopyImage copy = new CopyImage(images, told);
    Images.Located runner =
        new RunnerPush(Installation.current())
            .collect(platforms.stream().map(Platforms::parse).distinct().toList());
    String from = "%s@%s".formatted(runner.source().describe(), runner.root().digest());
    var request = new CopyImage.Request(from, name, force, dryRun);
    CopyImage.Result result = copy.copy(request, runner);
    told.copied(result);
    console.report(new RunnerPushReport(result));
    return ExitCode.DONE;
  }
}
