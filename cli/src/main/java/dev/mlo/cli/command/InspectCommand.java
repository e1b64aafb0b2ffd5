package dev.mlo.cli.command;

import dev.mlo.attest.Evidence;
import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.DocumentReport;
import dev.mlo.cli.console.InspectReport;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.image.InspectImage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "inspect",
    description = {
      "Show what an image holds: model card, signature, layers, digest.",
      "And what was said of it: test result, provenance, bill of materials."
    },
    footer = {
      "",
      "Examples:",
      "  mlo inspect",
      "  mlo inspect iris:1.0.0",
      "  mlo inspect env:prod -o json",
      "  mlo inspect iris:1.0.0 --bom > iris.cdx.json"
    })
public final class InspectCommand extends Verb {
  @Mixin ProjectOptions project = new ProjectOptions();

  @Mixin ImageArgument image = new ImageArgument();

  @ArgGroup @Nullable Wanted wanted;

  /// One document instead of the overview.
  static final class Wanted {
    @Option(
        names = "--provenance",
        description = "Print where the image comes from: its SLSA provenance (in-toto).")
    boolean provenance;

    @Option(
        names = "--bom",
        description = "Print the bill of materials of model, runner and engine (CycloneDX).")
    boolean bom;

    @Option(names = "--tests", description = "Print the newest test result (in-toto).")
    boolean tests;
  }

  @Override
  protected ExitCode run(Console console) throws Exception {
    String name = image.name(project);
    console.report(
        wanted == null
            ? new InspectReport(
                InspectImage.inspect(image.registries.on(project.images(console)), name))
            : new DocumentReport(
                InspectImage.document(
                    image.registries.on(project.images(console)), name, kind(wanted))));
    return ExitCode.DONE;
  }

  private static Evidence.Kind kind(Wanted wanted) {
    if (wanted.provenance) {
      return Evidence.Kind.PROVENANCE;
    }
    return wanted.bom ? Evidence.Kind.BOM : Evidence.Kind.TESTS;
  }
}
