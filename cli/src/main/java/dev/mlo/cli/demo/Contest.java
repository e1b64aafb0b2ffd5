package dev.mlo.cli.demo;

import dev.mlo.cli.deploy.RunnerRollback;
import dev.mlo.cli.deploy.RunnerSearch;
import dev.mlo.cli.deploy.RunnerTarget;
import dev.mlo.cli.deploy.Serve;
import dev.mlo.cli.deploy.Swap;
import dev.mlo.cli.deploy.SwapImage;
import dev.mlo.cli.deploy.SwapLog;
import dev.mlo.cli.deploy.SwapOutcome;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Project;
import dev.mlo.contract.SwapState;
import dev.mlo.oci.LayoutStore;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Two releases take turns in a runner while clients ask it without a pause.
final class Contest {
  private static final int CLIENTS = 4;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /// How it went.
  ///
  /// @param flips as the runners measured them
  /// @param trouble sentences; more may be added
  record Score(
      Load.Counts counts,
      double loadSeconds,
      int swaps,
      int refused,
      int rollbacks,
      Latencies flips,
      double rollbackMillis,
      List<String> trouble) {}

  private final Serve.Served runner;
  private final List<Release> releases;
  private final Release wrong;
  private final DemoLog log;
  private final List<String> trouble = new ArrayList<>();
  private final Latencies flips = new Latencies();
  private int swapped;
  private int refused;
  private int rollbacks;
  private double rollbackMillis;
  private String serves;

  /// @param releases the first one serves
  Contest(Serve.Served runner, List<Release> releases, Release wrong, DemoLog log) {
    this.runner = runner;
    this.releases = releases;
    this.wrong = wrong;
    this.log = log;
    this.serves = releases.getFirst().version();
  }

  Score run(Project project, long requests, int swaps) throws IOException, InterruptedException {
    LayoutStore store = LayoutStore.open(project.workspace().store());
    List<RunnerTarget> target =
        new RunnerSearch(project.workspace().run(), null, null)
            .at(List.of(runner.runner().admin().toString()));
    URI http = runner.runner().http();
    List<Question> questions = Release.questions(releases);
    long start = System.nanoTime();
    try (Load load =
        new Load(http, "/v2/models/" + project.name() + "/infer", questions, CLIENTS)) {
      load.start();
      log.asking(CLIENTS);
      ask(load, requests / 10);
      load.enter(Load.Phase.BEFORE);
      ask(load, requests * 3 / 10);
      load.enter(Load.Phase.SWAPPING);
      for (int i = 1; i <= swaps; i++) {
        swap(store, target, releases.get(i % releases.size()), i, swaps);
        ask(load, requests / 2 / swaps);
      }
      turnAway(store, target);
      rollBack(target);
      load.enter(Load.Phase.AFTER);
      ask(load, Math.max(requests / 20, requests - load.requests()));
      Load.Counts counts = load.stop();
      judge(counts, questions, requests, swaps);
      return new Score(
          counts,
          (System.nanoTime() - start) / 1e9,
          swapped,
          refused,
          rollbacks,
          flips,
          rollbackMillis,
          trouble);
    }
  }

  private void ask(Load load, long more) throws InterruptedException {
    if (!load.awaitMore(more, PATIENCE)) {
      trouble.add("%d requests took more than %d s".formatted(more, PATIENCE.toSeconds()));
    }
  }

  private SwapOutcome swap(LayoutStore store, List<RunnerTarget> target, Release release)
      throws IOException, InterruptedException {
    SwapImage image = SwapImage.load(release.built().name(), store, release.built().image());
    Swap.Request request = new Swap.Request(image, target, PATIENCE, false, "mlo demo", false);
    return new Swap(SwapLog.SILENT).run(request).runners().getFirst();
  }

  private void swap(
      LayoutStore store, List<RunnerTarget> target, Release release, int number, int of)
      throws IOException, InterruptedException {
    SwapOutcome outcome = swap(store, target, release);
    if (outcome.state() != SwapState.COMMITTED) {
      trouble.add("swap %d ended as %s".formatted(number, outcome.state()));
      return;
    }
    swapped++;
    serves = release.version();
    flips.add((long) (outcome.timings().getOrDefault("flip", 0.0) * 1e6));
    log.swapped(number, of, outcome);
  }

  private void turnAway(LayoutStore store, List<RunnerTarget> target)
      throws IOException, InterruptedException {
    try {
      swap(store, target, wrong);
      trouble.add("the wrong model `%s` was not refused".formatted(wrong.built().name()));
    } catch (Failure e) {
      if (e.code() != ExitCode.SWAP_REFUSED) {
        throw e;
      }
      refused++;
      log.refused(wrong.built().name(), e.why().isEmpty() ? e.what() : e.why().getFirst());
    }
  }

  private void rollBack(List<RunnerTarget> target) throws InterruptedException {
    SwapOutcome back = new RunnerRollback(SwapLog.SILENT).run(target, false).runners().getFirst();
    rollbackMillis = back.timings().getOrDefault(SwapOutcome.ROLLBACK, 0.0);
    if (back.from() == null || !back.from().version().equals(serves)) {
      trouble.add("before the rollback %s served, not %s".formatted(back.from(), serves));
    }
    if (back.to() == null || back.to().version().equals(serves)) {
      trouble.add("the rollback led to %s".formatted(back.to()));
    } else {
      rollbacks++;
      log.rolledBack(back.to(), rollbackMillis);
    }
  }

  private void judge(Load.Counts counts, List<Question> questions, long requests, int swaps) {
    counts.trouble().ifPresent(trouble::add);
    if (questions.isEmpty()) {
      trouble.add("the releases have no example in common");
    }
    for (Question question : questions) {
      for (Release release : releases) {
        if (!question.answered().contains(release.version())) {
          trouble.add("%s has not answered every question".formatted(release.built().name()));
        }
      }
    }
    if (counts.requests() < requests || swapped < swaps) {
      trouble.add("only %d requests and %d swaps".formatted(counts.requests(), swapped));
    }
  }
}
