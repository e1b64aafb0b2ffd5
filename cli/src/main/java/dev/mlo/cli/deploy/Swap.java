package dev.mlo.cli.deploy;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.RunnerStatus;
import dev.mlo.contract.Serving;
import dev.mlo.contract.SwapState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Replaces the model of runners that serve. All runners are asked first, and several are all asked
/// for their judgement before the first one changes; then one follows the other. When one fails,
/// those before it go back, so that all serve the same.
public final class Swap {
  /// @param patience how long one runner may take
  /// @param allowSignatureChange accept a model with other inputs and outputs
  /// @param reason for the runner's history
  public record Request(
      SwapImage image,
      List<RunnerTarget> runners,
      Duration patience,
      boolean allowSignatureChange,
      @Nullable String reason,
      boolean dryRun) {
    public Request {
      runners = List.copyOf(runners);
    }
  }

  private final SwapLog log;
  private final Wire.Limits limits;

  public Swap(SwapLog log) {
    this(log, Wire.Limits.DEFAULT);
  }

  Swap(SwapLog log, Wire.Limits limits) {
    this.log = log;
    this.limits = limits;
  }

  /// @throws Failure SWAP_REFUSED and the old model serves everywhere; FLEET_MIXED and it does not
  public SwapResult run(Request request) throws InterruptedException {
    try (Fleet fleet = Fleet.ask(request.runners(), limits, log)) {
      var outcomes = new ArrayList<SwapOutcome>();
      if (request.dryRun() || fleet.members().size() > 1) {
        for (Fleet.Member member : fleet.members()) {
          outcomes.add(
              new RunnerSwap(member.client(), member.status(), request, log, limits.pause())
                  .check());
        }
      }
      if (!request.dryRun()) {
        outcomes.clear();
        swap(fleet, request, outcomes);
      }
      return new SwapResult(
          request.image().name(),
          request.image().digest().toString(),
          request.dryRun(),
          false,
          List.copyOf(outcomes));
    }
  }

  private void swap(Fleet fleet, Request request, List<SwapOutcome> outcomes)
      throws InterruptedException {
    var swapped = new ArrayList<Fleet.Member>();
    for (Fleet.Member member : fleet.members()) {
      try {
        SwapOutcome outcome =
            new RunnerSwap(member.client(), member.status(), request, log, limits.pause()).run();
        outcomes.add(outcome);
        if (outcome.state() == SwapState.COMMITTED) {
          swapped.add(member);
        }
      } catch (Failure e) {
        throw swapped.isEmpty() ? e : goBack(swapped.reversed(), request.image(), e);
      }
    }
  }

  /// Takes back the swaps of the runners before the one that failed.
  private Failure goBack(List<Fleet.Member> swapped, SwapImage image, Failure cause)
      throws InterruptedException {
    var stuck = new ArrayList<String>();
    for (Fleet.Member member : swapped) {
      try {
        RunnerStatus now = member.client().status();
        Serving active = now.active();
        if (active == null || !active.modelDigest().equals(image.card().digest())) {
          stuck.add(
              "%s serves `%s`, put there by someone else"
                  .formatted(member.client().url(), Sentences.model(active)));
          continue;
        }
        log.rolledBack(member.client().url(), member.client().rollback());
      } catch (RefusedException e) {
        stuck.add(
            "%s stays with `%s`: %s".formatted(member.client().url(), image.model(), e.reason()));
      } catch (Failure e) {
        stuck.add("%s: %s".formatted(member.client().url(), e.what()));
      }
    }
    if (stuck.isEmpty()) {
      return cause.why(
          "the %d swapped before it went back to the old model too".formatted(swapped.size()));
    }
    return Failure.of(ExitCode.FLEET_MIXED, "the runners serve different models")
        .why(cause.what())
        .why(cause.why())
        .why(stuck)
        .hint(
            "mlo swap %s --runner URL, or mlo swap --rollback --runner URL".formatted(image.name()))
        .cause(cause);
  }
}
