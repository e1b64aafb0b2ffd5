package dev.mlo.cli.command;

import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.ListReport;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.image.ListImages;
import dev.mlo.cli.project.Images;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "list",
    description = {
      "List this project's images and the environments that point at them.",
      "Or those of a repository, a layout, an archive, an environment; no layer is read."
    },
    footer = {
      "",
      "Examples:",
      "  mlo list",
      "  mlo list registry.example.com/ml/iris -o json",
      "  mlo list env:prod"
    })
public final class ListCommand extends Verb {
  @Mixin ProjectOptions project = new ProjectOptions();

  @Mixin RegistryOptions registries = new RegistryOptions();

  @Parameters(
      paramLabel = "PLACE",
      arity = "0..1",
      description =
          "MODEL, HOST/REPOSITORY, oci:DIR, tar:FILE or env:ENVIRONMENT (default: the project's"
              + " store).")
  @Nullable String place;

  @Override
  protected ExitCode run(Console console) throws Exception {
    Images images = registries.on(project.images(console));
    console.report(
        new ListReport(
            place == null ? ListImages.list(images) : ListImages.list(images, place), place));
    return ExitCode.DONE;
  }
}
