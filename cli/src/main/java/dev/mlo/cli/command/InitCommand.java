package dev.mlo.cli.command;

import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.NewProjectReport;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.project.NewProject;
import java.io.IOException;
import java.nio.file.Path;
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
    footer = {"", "Example:", "  mlo init --name iris --from model.onnx"})
public final class InitCommand extends Verb {
  @Mixin ProjectArgument project = new ProjectArgument();

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "What the model is called (default: the directory's name).")
  @Nullable String name;

  @Option(
      names = "--from",
      paramLabel = "MODEL",
      description = "The model, a file or a directory below DIR (default: the only one there).")
  @Nullable Path from;

  @Option(names = "--force", description = "Replace the mlops.yaml that is there.")
  boolean force;

  @Option(names = "--dry-run", description = "Show what would be written.")
  boolean dryRun;

  @Override
  protected ExitCode run(Console console) throws IOException {
    NewProject.Result result =
        NewProject.create(new NewProject.Request(project.directory(), name, from, force, dryRun));
    console.report(new NewProjectReport(result));
    return ExitCode.DONE;
  }
}
