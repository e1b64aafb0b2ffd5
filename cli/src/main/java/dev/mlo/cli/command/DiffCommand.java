package dev.mlo.cli.command;

import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.DiffReport;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.image.DiffImages;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "diff",
    description = {
      "Show how two images differ, and why their digests do: model files, card, signature,"
          + " examples, metrics, provenance, runner, engine, layers.",
      "Only documents are read, no layer, wherever the images lie."
    },
    footer = {
      "",
      "Examples:",
      "  mlo diff iris:1.0.0 iris:2.0.0",
      "  mlo diff env:prod env:test",
      "  mlo diff iris:1.0.0 registry.example.com/ml/iris:1.0.0 --check"
    })
public final class DiffCommand extends Verb {
  @Mixin ProjectOptions project = new ProjectOptions();

  @Mixin RegistryOptions registries = new RegistryOptions();

  @Parameters(index = "0", paramLabel = "FIRST", description = "An image.")
  String first = "";

  @Parameters(index = "1", paramLabel = "SECOND", description = "The image to hold against it.")
  String second = "";

  @Option(names = "--check", description = "End with 11 when the digests differ.")
  boolean check;

  @Override
  protected ExitCode run(Console console) throws Exception {
    DiffImages.Result result =
        DiffImages.diff(registries.on(project.images(console)), first, second);
    console.report(new DiffReport(result));
    return check && !result.same() ? ExitCode.DRIFT : ExitCode.DONE;
  }
}
