package dev.mlo.cli.deploy;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.Serving;
import dev.mlo.contract.SwapState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Takes runners back to the version they served before; it is still loaded, so no byte moves.
public final class RunnerRollback {
  private final SwapLog log;
  private final Wire.Limits limits;

  public RunnerRollback(SwapLog log) {
    this(log, Wire.Limits.DEFAULT);
  }

  RunnerRollback(SwapLog log, Wire.Limits limits) {
    this.log = log;
    this.limits = limits;
  }

  /// @throws Failure SWAP_REFUSED when one has no version before; then none was changed
  public SwapResult run(List<RunnerTarget> runners, boolean dryRun) throws InterruptedException {
    try (Fleet fleet = Fleet.ask(runners, limits, log)) {
      for (Fleet.Member member : fleet.members()) {
        if (member.status().previous() == null) {
          throw nothingBefore(member, "no version before is loaded");
        }
      }
      var outcomes = new ArrayList<SwapOutcome>();
      for (Fleet.Member member : fleet.members()) {
        outcomes.add(dryRun ? wouldGoBack(member) : back(member, outcomes));
      }
      Serving now = outcomes.getFirst().to();
      String digest = now == null || now.imageDigest() == null ? "" : now.imageDigest();
      String image = now == null ? "" : now.image() == null ? Sentences.model(now) : now.image();
      return new SwapResult(image, digest, dryRun, true, List.copyOf(outcomes));
    }
  }

  private SwapOutcome back(Fleet.Member member, List<SwapOutcome> done)
      throws InterruptedException {
    try {
      long start = System.nanoTime();
      Serving now = member.client().rollback();
      double millis = (System.nanoTime() - start) / 1e6;
      log.rolledBack(member.client().url(), now);
      return outcome(member, SwapState.ROLLED_BACK, now, Map.of(SwapOutcome.ROLLBACK, millis));
    } catch (RefusedException e) {
      throw mixed(nothingBefore(member, e.reason()), done);
    } catch (Failure e) {
      throw mixed(e, done);
    }
  }

  private static Failure mixed(Failure cause, List<SwapOutcome> done) {
    if (done.isEmpty()) {
      return cause;
    }
    return Failure.of(ExitCode.FLEET_MIXED, "the runners serve different models")
        .why(cause.what())
        .why(cause.why())
        .why("rolled back before it: " + done.stream().map(o -> o.runner().toString()).toList())
        .hint("mlo swap IMAGE --runner URL")
        .cause(cause);
  }

  private static SwapOutcome wouldGoBack(Fleet.Member member) {
    return outcome(member, SwapState.ADMITTING, member.status().previous(), Map.of());
  }

  private static SwapOutcome outcome(
      Fleet.Member member, SwapState state, @Nullable Serving to, Map<String, Double> timings) {
    return new SwapOutcome(
        member.client().url(), state, member.status().active(), to, 0, 0, timings);
  }

  private static Failure nothingBefore(Fleet.Member member, String why) {
    return Failure.of(ExitCode.SWAP_REFUSED, "`%s` cannot go back".formatted(member.client().url()))
        .why(why)
        .why("`%s` still serves".formatted(Sentences.model(member.status().active())))
        .hint("mlo swap IMAGE --runner " + member.client().url());
  }
}
