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
import java.nio.file.Path;
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
    footer = {
      "",
      "Examples:",
      "  mlo build && mlo test iris:1.0.0",
      "  mlo build --from registry.example.com/ml/iris:1.0.0 --to registry.example.com/ml/iris",
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
      names = "--from",
      paramLabel = "IMAGE",
      description =
          "Take the model from this image instead of from the project: a new card, metrics or"
              + " examples around the same weights, which are not read.")
  @Nullable String from;

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
    Path directory = this.project.directory();
    Project project =
        from == null ? ProjectReader.read(directory) : ProjectReader.readWithoutModel(directory);
    var request =
        new ImageBuild.Request(
            project,
            tags,
            platforms.stream().map(Platforms::parse).toList(),
            Created.fromEnvironment(System.getenv()),
            locking(),
            dryRun);
    BuildNarration told = new BuildNarration(console);
    ImageBuild.Result result = build(project, request, told, console);
    told.built(result);
    Duration time = Duration.ofNanos(System.nanoTime() - started);
    List<CopyImage.Result> copies = copies(project, result, console);
    List<String> to = dryRun ? destinations : copies.stream().map(CopyImage.Result::to).toList();
    console.report(new BuildReport(result, to, time));
    return ExitCode.DONE;
  }

  private ImageBuild.Result build(
      Project project, ImageBuild.Request request, BuildNarration told, Console console)
      throws IOException {
    ImageBuild build = new ImageBuild(Installation.current(), told);
    if (from == null) {
      return build.build(request);
    }
    try (Images.Located image = images(project, console).open(from)) {
      return build.build(request, image);
    }
  }

  private Images images(Project project, Console console) {
    return registries.on(Images.of(project).telling(new PlacesNarration(console)));
  }

  private List<CopyImage.Result> copies(Project project, ImageBuild.Result result, Console console)
      throws IOException {
    var told = new CopyNarration(console, CopyNarration.Way.COPY);
    var copy = new CopyImage(images(project, console), told);
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
