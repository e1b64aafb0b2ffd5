package dev.mlo.cli.command;

import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.CopyNarration;
import dev.mlo.cli.console.CopyReport;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.image.CopyImage;
import dev.mlo.cli.project.Images;
import dev.mlo.oci.ImageName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "pull",
    description = "Fetch an image from a registry into the project's store, every byte checked.",
    footer = {
      "",
      "Examples:",
      "  mlo pull registry.example.com/ml/iris:1.0.0",
      "  mlo pull registry.example.com/ml/iris:1.0.0 iris:theirs"
    })
public final class PullCommand extends Verb {
  @Mixin ProjectOptions project = new ProjectOptions();

  @Mixin RegistryOptions registries = new RegistryOptions();

  @Parameters(index = "0", paramLabel = "REF", description = "HOST/REPOSITORY:TAG or …@sha256:….")
  String reference = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "NAME",
      description = "What to call it here (default: the repository's last word and the tag).")
  @Nullable String name;

  @Option(names = "--force", description = "Let a name that points at another image move.")
  boolean force;

  @Option(names = "--dry-run", description = "Only say what would be fetched.")
  boolean dryRun;

  @Override
  protected ExitCode run(Console console) throws Exception {
    CopyNarration told = new CopyNarration(console, CopyNarration.Way.DOWNLOAD);
    CopyImage copy = new CopyImage(registries.on(project.images(console)), told);
    String to = name == null ? own() : name;
    CopyImage.Result result = copy.copy(new CopyImage.Request(reference, to, force, dryRun));
    told.copied(result);
    console.report(new CopyReport(result));
    return ExitCode.DONE;
  }

  private String own() {
    return Images.parse(reference) instanceof ImageName.InRegistry registry
        ? registry.repository().substring(registry.repository().lastIndexOf('/') + 1)
        : reference;
  }
}
