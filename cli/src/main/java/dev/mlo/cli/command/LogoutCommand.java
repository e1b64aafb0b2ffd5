package dev.mlo.cli.command;

import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.LogoutReport;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.registry.Logout;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "logout",
    description = "Forget what is kept to log in at a registry.",
    footer = {"", "Example:", "  mlo logout registry.example.com"})
public final class LogoutCommand extends Verb {
  @Parameters(paramLabel = "HOST", description = "The registry, with its port where it has one.")
  String host = "";

  @Option(names = "--dry-run", description = "Only say what would be forgotten.")
  boolean dryRun;

  @Override
  protected ExitCode run(Console console) throws Exception {
    console.report(new LogoutReport(Logout.logout(host, dryRun, System.getenv())));
    return ExitCode.DONE;
  }
}
