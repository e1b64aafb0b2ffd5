package dev.mlo.cli.command;

import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.CopyNarration;
import dev.mlo.cli.console.CopyReport;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.image.CopyImage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "push",
    description = {
      "Send an image to a registry, with everything said of it.",
      "What the registry has already is not sent; a push that was cut off goes on where it stood."
    },
    footer = {
      "",
      "Examples:",
      "  mlo push iris:1.0.0 registry.example.com/ml/iris",
      "  mlo push iris:1.0.0"
    })
public final class PushCommand extends Verb {
  @Mixin ProjectOptions project = new ProjectOptions();

  @Mixin RegistryOptions registries = new RegistryOptions();

  @Parameters(index = "0", paramLabel = "IMAGE", description = "The image to send.")
  String image = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "REF",
      description =
          "HOST/REPOSITORY[:TAG] (default: image.repository of the manifest, the image's version).")
  @Nullable String reference;

  @Option(names = "--force", description = "Let a tag that points at another image move.")
  boolean force;

  @Option(names = "--dry-run", description = "Only say what would be sent.")
  boolean dryRun;

  @Override
  protected ExitCode run(Console console) throws Exception {
    CopyNarration told = new CopyNarration(console, CopyNarration.Way.UPLOAD);
    CopyImage copy = new CopyImage(registries.on(project.images(console)), told);
    String to = reference == null ? repository() : reference;
    CopyImage.Result result = copy.copy(new CopyImage.Request(image, to, force, dryRun));
    told.copied(result);
    console.report(new CopyReport(result));
    return ExitCode.DONE;
  }

  private String repository() {
    @Nullable String repository = project.project().image().repository();
    if (repository == null) {
      throw Failure.of(ExitCode.USAGE, "where to push `" + image + "` is not known")
          .why("no REF is given, and mlops.yaml has no image.repository")
          .hint("mlo push %s HOST/REPOSITORY".formatted(image));
    }
    return repository;
  }
}
