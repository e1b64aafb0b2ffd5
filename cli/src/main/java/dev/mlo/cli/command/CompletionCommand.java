package dev.mlo.cli.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.Page;
import dev.mlo.cli.console.Report;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.json.Json;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "completion",
    description = "Print the completion script for a shell.",
    footer = {
      "",
      "Examples:",
      "  mlo completion bash > ~/.local/share/bash-completion/completions/mlo",
      "  mlo completion zsh > ~/.local/share/zsh/site-functions/_mlo",
      "  mlo completion fish > ~/.config/fish/completions/mlo.fish"
    })
public final class CompletionCommand extends Verb {
  @Parameters(paramLabel = "SHELL", description = "One of: ${COMPLETION-CANDIDATES}.")
  Completions.Shell shell = Completions.Shell.BASH;

  @Override
  protected ExitCode run(Console console) {
    console.report(
        new Script(
            shell.name().toLowerCase(Locale.ROOT), Completions.write(shell, CommandTree.create())));
    return ExitCode.DONE;
  }

  private record Script(String shell, String text) implements Report {
    @Override
    public void text(Page page) {
      page.line(text.stripTrailing());
    }

    @Override
    public ObjectNode json() {
      return Json.object().put("shell", shell).put("script", text);
    }

    @Override
    public String brief() {
      return text.stripTrailing();
    }
  }
}
