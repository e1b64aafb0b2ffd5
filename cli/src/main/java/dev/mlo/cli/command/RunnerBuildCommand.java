package dev.mlo.cli.command;

import dev.mlo.cli.Installation;
import dev.mlo.cli.build.Created;
import dev.mlo.cli.build.RunnerImage;
import dev.mlo.cli.console.BuildNarration;
import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.RunnerReport;
import dev.mlo.cli.failure.ExitCode;
import java.util.Map;
import picocli.CommandLine.Command;
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
      "  mlo runner build --base bundled"
    })
public final class RunnerBuildCommand extends Verb {
  @Option(
      names = "--base",
      paramLabel = "REF",
      defaultValue = RunnerImage.BUNDLED,
      description =
          "What the image stands on: this machine's C library (`bundled`), or an image with glibc"
              + " in a registry, read with Docker's credentials (default: ${DEFAULT-VALUE}).")
  String base = RunnerImage.BUNDLED;

  @Option(
      names = "--insecure",
      description =
          "Accept plain HTTP and untrusted certificates of the registry. On loopback they always"
              + " are.")
  boolean insecure;

  @Override
  protected ExitCode run(Console console) throws Exception {
    RunnerImage runner = new RunnerImage(Installation.current(), new BuildNarration(console));
    Map<String, String> environment = System.getenv();
    console.report(
        RunnerReport.of(
            runner.build(
                new RunnerImage.Request(
                    base, insecure, environment, Created.fromEnvironment(environment)))));
    return ExitCode.DONE;
  }
}
