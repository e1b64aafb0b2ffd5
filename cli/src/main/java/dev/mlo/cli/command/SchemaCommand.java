package dev.mlo.cli.command;

import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.SchemaReport;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.project.ManifestSchema;
import picocli.CommandLine.Command;

@Command(
    name = "schema",
    description = "Print the JSON Schema of mlops.yaml, for editors.",
    footer = {"", "Example:", "  mlo schema > .mlo/schema.json"})
public final class SchemaCommand extends Verb {
  @Override
  protected ExitCode run(Console console) {
    console.report(new SchemaReport(ManifestSchema.json()));
    return ExitCode.DONE;
  }
}
