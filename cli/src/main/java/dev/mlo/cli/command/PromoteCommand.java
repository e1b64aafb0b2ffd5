package dev.mlo.cli.command;

import dev.mlo.cli.Installation;
import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.PromotionNarration;
import dev.mlo.cli.console.PromotionReport;
import dev.mlo.cli.console.ServeNarration;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.project.Project;
import dev.mlo.cli.promote.Actor;
import dev.mlo.cli.promote.Author;
import dev.mlo.cli.promote.Promoter;
import dev.mlo.cli.promote.Promotion;
import dev.mlo.oci.Digest;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "promote",
    description = "Move an image, by its digest, into an environment.",
    footer = {
      "",
      "Examples:",
      "  mlo promote --to dev",
      "  mlo promote iris:1.0.0 --to test --reason 'release 1.0'",
      "  mlo promote --to prod --dry-run"
    })
public final class PromoteCommand extends Verb {
  @Mixin ProjectOptions project = new ProjectOptions();

  @Parameters(
      paramLabel = "IMAGE",
      arity = "0..1",
      description =
          "NAME:VERSION or a digest (default: the project's version, or what the environment"
              + " before points at).")
  @Nullable String image;

  @Option(
      names = "--to",
      paramLabel = "ENV",
      required = true,
      description = "The environment it goes to.")
  String to = "";

  @Option(
      names = "--from",
      paramLabel = "ENV",
      description = "The environment it comes from (default: the one before).")
  @Nullable String from;

  @Option(names = "--dry-run", description = "Tell what would happen; change nothing.")
  boolean dryRun;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the ledger.")
  @Nullable String reason;

  @Option(
      names = "--replace",
      paramLabel = "DIGEST",
      converter = DigestConverter.class,
      description = "Move the pointer away from this digest although mlo did not put it there.")
  @Nullable Digest replace;

  @Override
  protected ExitCode run(Console console) throws Exception {
    Project read = project.project();
    Author author =
        new Author(Actor.current(read.directory()), Installation.version(), InstantSource.system());
    Promoter promoter =
        new Promoter(
            read,
            author,
            new ExamplesOfImage(new ServeNarration(console)),
            new PromotionNarration(console));
    console.report(
        new PromotionReport(
            promoter.promote(new Promotion(image, to, from, dryRun, reason, replace))));
    return ExitCode.DONE;
  }
}
