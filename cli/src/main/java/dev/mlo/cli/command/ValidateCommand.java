package dev.mlo.cli.command;

import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.ValidationReport;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.project.Validation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
    name = "validate",
    description = {
      "Check mlops.yaml and its model, and report every mistake at once.",
      "Ends with 3 when there is one. Nothing is written."
    },
    footer = {"", "Example:", "  mlo validate -o json"})
public final class ValidateCommand extends Verb {
  @Mixin ProjectArgument project = new ProjectArgument();

  @Override
  protected ExitCode run(Console console) {
    Validation.Outcome outcome = Validation.run(project.directory());
    console.report(new ValidationReport(outcome));
    return switch (outcome) {
      case Validation.Outcome.Sound _ -> ExitCode.DONE;
      case Validation.Outcome.Wrong _ -> ExitCode.MANIFEST;
    };
  }
}
