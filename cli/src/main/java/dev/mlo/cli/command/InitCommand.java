package dev.mlo.cli.command;

import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.NewProjectReport;
import dev.mlo.cli.console.ProjectTemplateReport;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.NewProject;
import dev.mlo.cli.project.ProjectTemplate;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "init",
    description = {
      "Write an mlops.yaml for the model in a directory.",
      "Finds the model, reads its inputs and outputs, and takes along the examples beside it."
    },
    footer = {
      "",
      "From another tool: an MLmodel of MLflow, a Kitfile of KitOps or a cog.yaml is read, what it",
      "says is written in the words of mlops.yaml, and what does not carry over is listed.",
      "",
      "Examples:",
      "  mlo init --name iris --from model.onnx",
      "  mlo init --from mlruns/0/ab12/artifacts/iris",
      "  mlo init --template onnx --ci github",
      "  mlo init --ci gitlab"
    })
public final class InitCommand extends Verb {
  /// What `--template` takes.
  public enum Template {
    onnx,
    pmml
  }

  /// What `--ci` takes.
  public enum Ci {
    github,
    gitlab,
    jenkins
  }

  @Mixin ProjectArgument project = new ProjectArgument();

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "What the model is called (default: the directory's name).")
  @Nullable String name;

  @Option(
      names = "--from",
      paramLabel = "PATH",
      description = {
        "The model, a file or a directory below DIR (default: the only one there); or an MLflow"
            + " model, a Kitfile or a cog.yaml."
      })
  @Nullable Path from;

  @Option(
      names = "--template",
      paramLabel = "FORMAT",
      description = {
        "Write a whole project to start from: model, training script, notebook, CI files. One of:"
            + " ${COMPLETION-CANDIDATES}."
      })
  @Nullable Template template;

  @Option(
      names = "--ci",
      paramLabel = "SYSTEM",
      split = ",",
      description = {
        "Add the file of a CI system: ${COMPLETION-CANDIDATES}. May be repeated (default with"
            + " --template: all of them)."
      })
  List<Ci> ci = List.of();

  @Option(names = "--force", description = "Replace the files that are there.")
  boolean force;

  @Option(names = "--dry-run", description = "Show what would be written.")
  boolean dryRun;

  @Override
  protected ExitCode run(Console console) throws IOException {
    if (template != null || !ci.isEmpty()) {
      console.report(new ProjectTemplateReport(ProjectTemplate.write(files())));
      return ExitCode.DONE;
    }
    NewProject.Result result =
        NewProject.create(new NewProject.Request(project.directory(), name, from, force, dryRun));
    console.report(new NewProjectReport(result));
    return ExitCode.DONE;
  }

  private ProjectTemplate.Request files() {
    if (from != null) {
      throw Failure.of(ExitCode.USAGE, "--from and %s exclude each other".formatted(other()))
          .hint("mlo init --from %s, then: mlo init --ci github".formatted(from));
    }
    List<ProjectTemplate.Ci> chosen =
        ci.stream()
            .distinct()
            .map(system ->
                switch (system) {
                  case github -> ProjectTemplate.Ci.GITHUB;
                  case gitlab -> ProjectTemplate.Ci.GITLAB;
                  case jenkins -> ProjectTemplate.Ci.JENKINS;
                })
            .toList();
    return new ProjectTemplate.Request(
        project.directory(),
        name,
        format(),
        chosen.isEmpty() ? List.of(ProjectTemplate.Ci.values()) : chosen,
        force,
        dryRun);
  }

  private ProjectTemplate.@Nullable Format format() {
    return switch (template) {
      case null -> null;
      case onnx -> ProjectTemplate.Format.ONNX;
      case pmml -> ProjectTemplate.Format.PMML;
    };
  }

  private String other() {
    return template == null ? "--ci" : "--template";
  }
}
