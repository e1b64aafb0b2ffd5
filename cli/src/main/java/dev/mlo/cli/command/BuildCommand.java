package dev.mlo.cli.command;

import dev.mlo.cli.Installation;
import dev.mlo.cli.build.Created;
import dev.mlo.cli.build.ImageBuild;
import dev.mlo.cli.console.BuildNarration;
import dev.mlo.cli.console.BuildReport;
import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.CopyNarration;
import dev.mlo.cli.console.PlacesNarration;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.image.CopyImage;
import dev.mlo.cli.project.Images;
import dev.mlo.cli.project.Project;
import dev.mlo.cli.project.ProjectReader;
import dev.mlo.oci.ImageName;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
    footer = {
      "",
      "Examples:",
      "  mlo build && mlo test iris:1.0.0",
      "  mlo build --platform linux/amd64 --platform linux/arm64",
      "  mlo build --locked"
    })
public final class BuildCommand extends Verb {
  @Mixin ProjectArgument project = new ProjectArgument();

  @Mixin RegistryOptions registries = new RegistryOptions();

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
      description =
          "What the image runs on, as linux/arm64; repeated, an index of several is made (default:"
              + " image.platforms of the manifest, else this machine's).")
  List<String> platforms = List.of();

  @Option(
      names = "--lock",
      description = "Write down in mlo.lock what the image is made of: runner, base, model files.")
  boolean lock;

  @Option(
      names = "--locked",
      description = "Make the image only if it is made of exactly what mlo.lock says.")
  boolean locked;

  @Option(names = "--dry-run", description = "Check everything and show the digest; write nothing.")
  boolean dryRun;

  @Override
  protected ExitCode run(Console console) throws Exception {
    long started = System.nanoTime();
    destinations.forEach(BuildCommand::requireDestination);
    Project project = ProjectReader.read(this.project.directory());
    var request =
        new ImageBuild.Request(
            project,
            tags,
            platforms.stream().map(Platforms::parse).toList(),
            Created.fromEnvironment(System.getenv()),
            locking(),
            dryRun);
    BuildNarration told = new BuildNarration(console);
    ImageBuild.Result result = new ImageBuild(Installation.current(), told).build(request);
    told.built(result);
    Duration time = Duration.ofNanos(System.nanoTime() - started);
    console.report(new BuildReport(result, copies(project, result, console), time));
    return ExitCode.DONE;
  }

  private List<CopyImage.Result> copies(Project project, ImageBuild.Result result, Console console)
      throws IOException {
    var told = new CopyNarration(console, CopyNarration.Way.COPY);
    var copy =
        new CopyImage(
            registries.on(Images.of(project).telling(new PlacesNarration(console))), told);
    var copies = new ArrayList<CopyImage.Result>();
    for (String to : dryRun ? List.<String>of() : destinations) {
      CopyImage.Result made = copy.copy(new CopyImage.Request(result.name(), to, false, false));
      told.copied(made);
      copies.add(made);
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

  private ImageBuild.Locking locking() {
    if (lock && locked) {
      throw Failure.of(ExitCode.USAGE, "--lock and --locked exclude one another")
          .why("the one writes mlo.lock, the other holds the build to it");
    }
    return lock
        ? ImageBuild.Locking.WRITE
        : locked ? ImageBuild.Locking.REQUIRE : ImageBuild.Locking.OFF;
  }
}
