package dev.mlo.cli.command;

import dev.mlo.cli.Installation;
import dev.mlo.cli.console.BuildNarration;
import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.DemoNarration;
import dev.mlo.cli.console.DemoReport;
import dev.mlo.cli.demo.Demo;
import dev.mlo.cli.demo.DemoResult;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "demo",
    description = "Show the whole story on an example, in a temporary directory, and count.",
    footer = {
      "",
      "Builds two versions, promotes them to prod, serves, swaps under load, turns a wrong",
      "model away, rolls back; checks every answer. Needs no network and leaves nothing behind.",
      "",
      "Example:",
      "  mlo demo -o json"
    })
public final class DemoCommand extends Verb {
  @Option(
      names = "--requests",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Ask at least so often (default: ${DEFAULT-VALUE}).")
  long requests;

  @Option(
      names = "--swaps",
      paramLabel = "N",
      defaultValue = "20",
      description = "Replace the model so often (default: ${DEFAULT-VALUE}).")
  int swaps;

  @Option(names = "--keep", description = "Leave the project there, to look at.")
  boolean keep;

  @Override
  protected ExitCode run(Console console) throws Exception {
    if (requests < 100 || requests > 100_000_000 || swaps < 1 || swaps > 100_000) {
      throw Failure.of(ExitCode.USAGE, "the demo takes 100 requests and 1 swap at least")
          .hint("mlo demo --requests 10000 --swaps 20");
    }
    DemoResult result =
        new Demo(Installation.current(), new BuildNarration(console), new DemoNarration(console))
            .run(new Demo.Request(requests, swaps, keep));
    console.report(new DemoReport(result));
    return result.good() ? ExitCode.DONE : ExitCode.UNEXPECTED;
  }
}
