package dev.mlo.cli.command;

import dev.mlo.cli.Installation;
import dev.mlo.cli.build.Created;
import dev.mlo.cli.build.ImageBuild;
import dev.mlo.cli.console.BuildNarration;
import dev.mlo.cli.console.BuildReport;
import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.CopyNarration;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.image.CopyImage;
import dev.mlo.cli.project.Images;
import dev.mlo.cli.project.Project;
import dev.mlo.cli.project.ProjectReader;
import dev.mlo.oci.ImageName;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "build",
    description = {
      "Make one image of a model and the runner that serves it, in the project's store.",
      "The same model and manifest give the same digest on every machine with the same runner"
          + " image."
    },
    footer = {"", "Example:", "  mlo build && mlo test iris:1.0.0"})
public final class BuildCommand extends Verb {
  @Mixin ProjectArgument project = new ProjectArgument();

  @Option(
      names = {"-t", "--tag"},
      paramLabel = "TAG",
      description = "Another tag for the image, beside its version. May be repeated.")
  List<String> tags = List.of();

  @Option(
      names = "--to",
      paramLabel = "NAME",
      description =
          "Copy the image there as well: HOST/REPOSITORY[:TAG], oci:DIR[:NAME], tar:FILE or"
              + " docker:NAME[:TAG]. May be repeated.")
  List<String> destinations = List.of();

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH",
      description = "The platform of the image; only this machine's is supported yet.")
  @Nullable String platform;

  @Option(names = "--dry-run", description = "Check everything and show the digest; write nothing.")
  boolean dryRun;

  @Override
  protected ExitCode run(Console console) throws Exception {
    long started = System.nanoTime();
    destinations.forEach(BuildCommand::requireDestination);
    Project project = ProjectReader.read(this.project.directory());
    var request =
        new ImageBuild.Request(
            project, tags, platform(), Created.fromEnvironment(System.getenv()), dryRun);
    ImageBuild.Result result =
        new ImageBuild(Installation.current(), new BuildNarration(console)).build(request);
    Duration time = Duration.ofNanos(System.nanoTime() - started);
    console.report(new BuildReport(result, copies(project, result, console), time));
    return ExitCode.DONE;
  }

  private List<CopyImage.Result> copies(Project project, ImageBuild.Result result, Console console)
      throws IOException {
    var copy = new CopyImage(Images.of(project), new CopyNarration(console));
    var copies = new ArrayList<CopyImage.Result>();
    for (String to : dryRun ? List.<String>of() : destinations) {
      copies.add(copy.copy(new CopyImage.Request(result.name(), to, false, false)));
    }
    return copies;
  }

  /// Known before anything is built.
  private static void requireDestination(String name) {
    switch (Images.parse(name)) {
      case ImageName.InLayout _,
          ImageName.InTar _,
          ImageName.InRegistry _,
          ImageName.InDocker _ -> {}
      case ImageName.InProject _ ->
          throw Failure.of(ExitCode.USAGE, "`" + name + "` is a name in the project's own store")
              .why("the image goes there anyway")
              .hint("mlo build --tag TAG");
      case ImageName.InEnvironment environment ->
          throw Failure.of(ExitCode.USAGE, "`" + environment + "` is no place to copy to")
              .why("what an environment points at is changed by promotion")
              .hint("mlo promote --to " + environment.environment());
    }
  }

  private @Nullable Platform platform() {
    try {
      return platform == null ? null : Platform.parse(platform);
    } catch (IllegalArgumentException e) {
      throw Failure.of(ExitCode.USAGE, String.valueOf(e.getMessage())).cause(e);
    }
  }
}
