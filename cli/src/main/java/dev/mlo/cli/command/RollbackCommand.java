package dev.mlo.cli.command;

import dev.mlo.cli.Installation;
import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.PromotionNarration;
import dev.mlo.cli.console.PromotionReport;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.project.Project;
import dev.mlo.cli.promote.Actor;
import dev.mlo.cli.promote.Author;
import dev.mlo.cli.promote.Rollback;
import dev.mlo.oci.Digest;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "rollback",
    description = "Take an environment back to what it had before.",
    footer = {
      "",
      "Examples:",
      "  mlo rollback prod --reason 'wrong scores since noon'",
      "  mlo rollback prod --to 1.0.0",
      "  mlo rollback prod --to '#3' --dry-run"
    })
public final class RollbackCommand extends Verb {
  @Mixin ProjectOptions project = new ProjectOptions();

  @Parameters(paramLabel = "ENV", description = "The environment.")
  String environment = "";

  @Option(
      names = "--to",
      paramLabel = "VERSION",
      description =
          "A version, a number of its history or a digest (default: the one before the current"
              + " one).")
  @Nullable String to;

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
    Rollback rollback = new Rollback(read, author, new PromotionNarration(console));
    console.report(
        new PromotionReport(
            rollback.rollback(new Rollback.Request(environment, to, dryRun, reason, replace))));
    return ExitCode.DONE;
  }
}
