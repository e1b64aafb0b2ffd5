package dev.mlo.cli.command;

import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.StatusReport;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.project.Project;
import dev.mlo.cli.promote.Status;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "status",
    description = "Show what each environment should be, what it points at and what runs.",
    footer = {"", "Examples:", "  mlo status", "  mlo status prod --check -o json"})
public final class StatusCommand extends Verb {
  @Mixin ProjectOptions project = new ProjectOptions();

  @Parameters(paramLabel = "ENV", arity = "0..1", description = "One environment (default: all).")
  @Nullable String environment;

  @Option(names = "--check", description = "End with exit code 11 when anything has drifted.")
  boolean check;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "The admin token of runners that were not started here.")
  @Nullable Path tokenFile;

  @Override
  protected ExitCode run(Console console) throws Exception {
    Project read = project.project();
    Status.Result result =
        new Status(read, new DeployedRunners(read.workspace().run(), tokenFile)).read(environment);
    console.report(new StatusReport(result));
    return check && result.drifted() ? ExitCode.DRIFT : ExitCode.DONE;
  }
}
