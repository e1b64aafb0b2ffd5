package dev.mlo.cli.command;

import dev.mlo.cli.Installation;
import dev.mlo.cli.build.Created;
import dev.mlo.cli.build.RunnerImage;
import dev.mlo.cli.console.BuildNarration;
import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.PlacesNarration;
import dev.mlo.cli.console.RunnerReport;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.project.Images;
import dev.mlo.oci.Platform;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "build",
    description = {
      "Make the shared runner image: C library, Java, runner, and the engines beside it.",
      "The same installation on the same base gives the same digest."
    },
    footer = {
      "",
      "Examples:",
      "  mlo runner build --base eclipse-temurin:25-jre",
      "  mlo runner build --base registry.example.com/base/debian@sha256:…",
      "  mlo runner build --base oci:bases:debian --platform linux/arm64",
      "  mlo runner build --base bundled"
    })
public final class RunnerBuildCommand extends Verb {
  @Option(
      names = "--base",
      paramLabel = "REF",
      defaultValue = RunnerImage.BUNDLED,
      description =
          "What the image stands on: this machine's C library (`bundled`), or an image with glibc"
              + " in a registry, read with Docker's credentials, or in an OCI layout (`oci:DIR`,"
              + " `oci:DIR:NAME`, `oci:DIR@sha256:…`) (default: ${DEFAULT-VALUE}).")
  String base = RunnerImage.BUNDLED;

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH",
      description =
          "What the image runs on, as linux/arm64; may be repeated (default: this machine's). For"
              + " another platform than this machine's the base must bring Java 25.")
  List<String> platforms = List.of();

  @Mixin RegistryOptions registries = new RegistryOptions();

  @Option(
      names = "--dry-run",
      description = "Look into the base and show the digest; change nothing.")
  boolean dryRun;

  @Override
  protected ExitCode run(Console console) throws Exception {
    RunnerImage runner = new RunnerImage(Installation.current(), new BuildNarration(console));
    Images places = registries.on(Images.in(Path.of("")).telling(new PlacesNarration(console)));
    String created = Created.fromEnvironment(System.getenv());
    List<Platform> wanted =
        platforms.isEmpty()
            ? List.of(Platform.current())
            : platforms.stream().map(Platforms::parse).distinct().toList();
    var built = new ArrayList<RunnerImage.Built>();
    for (Platform platform : wanted) {
      built.add(runner.build(new RunnerImage.Request(base, platform, places, created, dryRun)));
    }
    console.report(new RunnerReport(built));
    return ExitCode.DONE;
  }
}
