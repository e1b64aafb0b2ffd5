package dev.mlo.cli.command;

import dev.mlo.cli.Installation;
import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.DoctorReport;
import dev.mlo.cli.doctor.Doctor;
import dev.mlo.cli.failure.ExitCode;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "doctor",
    description = {
      "Check everything mlo stands on: installation, disk, store, ledger, registries, engine.",
      "Changes nothing. Ends with 0 when nothing fails, else with the code of the worst failure."
    },
    footer = {
      "",
      "Examples:",
      "  mlo doctor",
      "  mlo doctor --registry registry.example.com/ml/iris",
      "  mlo doctor --deep -o json"
    })
public final class DoctorCommand extends Verb {
  @Mixin ProjectArgument project = new ProjectArgument();

  @Option(
      names = "--registry",
      paramLabel = "REF",
      description =
          "Also ask this registry whether it lets you push: HOST/REPOSITORY. May be repeated."
              + " image.repository of the manifest is always asked.")
  List<String> registries = List.of();

  @Option(names = "--deep", description = "Hash every byte of the stores as well.")
  boolean deep;

  @Override
  protected ExitCode run(Console console) throws Exception {
    Doctor.Result result =
        new Doctor(Installation.current())
            .examine(new Doctor.Request(project.directory(), registries, deep, System.getenv()));
    console.report(new DoctorReport(result));
    return result.code();
  }
}
