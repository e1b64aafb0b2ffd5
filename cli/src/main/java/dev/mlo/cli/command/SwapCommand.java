package dev.mlo.cli.command;

import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.SwapNarration;
import dev.mlo.cli.console.SwapResultReport;
import dev.mlo.cli.deploy.RunnerRollback;
import dev.mlo.cli.deploy.RunnerSearch;
import dev.mlo.cli.deploy.RunnerTarget;
import dev.mlo.cli.deploy.Swap;
import dev.mlo.cli.deploy.SwapImage;
import dev.mlo.cli.deploy.SwapLog;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Environment;
import dev.mlo.cli.project.Images;
import dev.mlo.cli.project.Project;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "swap",
    description = "Replace the model of runners that serve, without losing a request.",
    footer = {
      "",
      "Without --runner and --env: the runners of this project that `mlo run` started.",
      "A runner tests the new model on its golden examples before a client sees it.",
      "Whatever fails, the old model goes on serving (exit code 12).",
      "",
      "Example:",
      "  mlo swap iris:2.0.0 --runner http://127.0.0.1:8082",
      "  mlo swap --env prod --dry-run",
      "  mlo swap --rollback --runner http://127.0.0.1:8082"
    })
public final class SwapCommand extends Verb {
  @Mixin ProjectOptions project = new ProjectOptions();

  @Mixin RegistryOptions registries = new RegistryOptions();

  @Spec @Nullable CommandSpec spec;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "IMAGE",
      description = "What to serve (default with --env: what the environment points at).")
  @Nullable String image;

  @Option(
      names = "--runner",
      paramLabel = "URL",
      description = "The admin URL of a runner; may be given more than once.")
  List<String> runners = List.of();

  @Option(
      names = "--env",
      paramLabel = "ENV",
      description = "The runners of an environment: those in the manifest and those that run here.")
  @Nullable String environment;

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "The file with the token of the admin port (runners of mlo run need none).")
  @Nullable Path tokenFile;

  @Option(
      names = "--wait",
      paramLabel = "DURATION",
      defaultValue = "5m",
      converter = Durations.class,
      description = "How long one runner may take (default: ${DEFAULT-VALUE}).")
  Duration patience = Duration.ofMinutes(5);

  @Option(
      names = "--allow-signature-change",
      description = "Take a model with other inputs or outputs than the one that serves.")
  boolean allowSignatureChange;

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for the runner's history.")
  @Nullable String reason;

  @Option(names = "--rollback", description = "Go back to the version before; no byte moves.")
  boolean rollback;

  @Option(names = "--dry-run", description = "Ask the runners for their judgement, change nothing.")
  boolean dryRun;

  @Override
  protected ExitCode run(Console console) throws IOException, InterruptedException {
    if (environment != null && !runners.isEmpty()) {
      throw Failure.of(ExitCode.USAGE, "--env and --runner exclude each other")
          .hint("name the runners, or the environment they belong to");
    }
    SwapLog log = new SwapNarration(console);
    if (rollback) {
      console.report(
          new SwapResultReport(new RunnerRollback(log).run(targetsOfRollback(), dryRun)));
    } else {
      List<RunnerTarget> named = search().at(runners);
      try (Images.Located located = located(console)) {
        SwapImage wanted = SwapImage.load(called(located), located.source(), located.root());
        List<RunnerTarget> targets = named.isEmpty() ? targets(wanted) : named;
        console.report(
            new SwapResultReport(
                new Swap(log)
                    .run(
                        new Swap.Request(
                            wanted, targets, patience, allowSignatureChange, reason, dryRun))));
      }
    }
    return ExitCode.DONE;
  }

  private List<RunnerTarget> targets(SwapImage wanted) throws IOException {
    if (environment != null) {
      return of(environment(environment), wanted.card().name());
    }
    return search().here(wanted.card().name());
  }

  private List<RunnerTarget> targetsOfRollback() throws IOException {
    if (image != null) {
      throw Failure.of(ExitCode.USAGE, "--rollback takes no image")
          .why("a runner goes back to the version it served before")
          .hint("to serve `%s`: mlo swap %s".formatted(image, image));
    }
    if (environment != null) {
      Project read = project.project();
      return of(environment(environment), read.name());
    }
    return runners.isEmpty() ? search().here(null) : search().at(runners);
  }

  private List<RunnerTarget> of(Environment target, String model) throws IOException {
    List<RunnerTarget> found = search().of(target.runners(), model);
    if (found.isEmpty()) {
      throw Failure.of(ExitCode.NOT_FOUND, "`%s` has no runners".formatted(target.name()))
          .why("mlops.yaml names none, and none of `%s` runs here".formatted(model))
          .hint("start one with `mlo run env:%s`".formatted(target.name()));
    }
    return found;
  }

  /// A token file on the command line counts before those that are found; one from a variable is
  /// for runners without one of their own.
  private RunnerSearch search() {
    boolean typed =
        spec != null && spec.commandLine().getParseResult().hasMatchedOption("--token-file");
    return new RunnerSearch(
        project.workspace().run(), typed ? tokenFile : null, typed ? null : tokenFile);
  }

  private Environment environment(String name) {
    return project
        .project()
        .environment(name)
        .orElseThrow(() ->
            Failure.of(ExitCode.NOT_FOUND, "there is no environment `%s`".formatted(name))
                .why(
                    "mlops.yaml has "
                        + String.join(
                            ", ",
                            project.project().environments().stream()
                                .map(Environment::name)
                                .toList())));
  }

  private Images.Located located(Console console) throws IOException {
    if (image == null && environment == null) {
      throw Failure.of(ExitCode.USAGE, "swap to which image?")
          .hint("mlo swap NAME:VERSION, or mlo swap --env ENV");
    }
    return registries
        .on(project.images(console))
        .open(image == null ? "env:" + environment : image);
  }

  /// What messages and the runner's history call it: a pointer moves, a version does not.
  private String called(Images.Located located) {
    boolean pointer = image == null || image.startsWith("env:");
    return pointer && located.name() != null
        ? located.name()
        : image == null ? located.display() : image;
  }
}
