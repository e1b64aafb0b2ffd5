package dev.mlo.cli.command;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

@Command(
    name = "runner",
    description = "Make, choose and share the runner image that all models stand on.",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      RunnerBuildCommand.class,
      RunnerListCommand.class,
      RunnerUseCommand.class,
      RunnerPushCommand.class
    },
    footer = {"", "Example:", "  mlo runner build"})
public final class RunnerCommand implements Runnable {
  @CommandLine.Spec @Nullable CommandSpec spec;

  @Override
  public void run() {
    if (spec != null) {
      spec.commandLine().usage(spec.commandLine().getOut());
    }
  }
}
