package dev.mlo.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.Installation;
import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.Page;
import dev.mlo.cli.console.Report;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.json.Json;
import picocli.CommandLine.Command;

@Command(
    name = "version",
    description = "Show the version of mlo, of its Java and of its engines.",
    footer = {"", "Example:", "  mlo version -o json"})
public final class VersionCommand extends Verb {
  @Override
  protected ExitCode run(Console console) {
    console.report(new VersionReport(Installation.version(), Runtime.version().toString()));
    return ExitCode.DONE;
  }

  private record VersionReport(String version, String java) implements Report {
    @Override
    public void text(Page page) {
      page.line("mlo " + version);
      page.line("java " + java);
    }

    @Override
    public ObjectNode json() {
      return Json.object().put("version", version).put("java", java);
    }

    @Override
    public String brief() {
      return version;
    }
  }
}
