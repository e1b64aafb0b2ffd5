package dev.mlo.runner.slot;

import dev.mlo.contract.SwapState;
import dev.mlo.runner.model.Backends;
import dev.mlo.runner.model.Example;
import dev.mlo.runner.model.LoadedVersion;
import dev.mlo.runner.model.ModelVersion;
import dev.mlo.runner.model.VersionException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Carries one swap from PULLING to its end. Until COMMITTING nothing that serves is touched: a
/// failure closes the candidate, deletes its files and leaves the rest as it was.
final class SwapWork {
  private final Swap swap;
  private final Slot slot;
  private final State state;
  private final Backends backends;
  private final Commit commit;
  private final SlotLog log;
  private final Duration silence;
  private Seats.@Nullable Seat candidate;

  SwapWork(
      Swap swap,
      Slot slot,
      State state,
      Backends backends,
      Commit commit,
      SlotLog log,
      Duration silence) {
    this.swap = swap;
    this.slot = slot;
    this.state = state;
    this.backends = backends;
    this.commit = commit;
    this.log = log;
    this.silence = silence;
  }

  /// How a swap ends.
  record Ending(SwapState state, @Nullable VersionException failure) {
    static Ending failed(String code, String message, Throwable cause) {
      return new Ending(SwapState.FAILED, new VersionException(code, message, cause));
    }
  }

  /// Does the work and cleans up after it; the swap is told of its end by the caller.
  Ending run() {
    try {
      return carry();
    } catch (Swap.AbortedException e) {
      return new Ending(SwapState.ABORTED, null);
    } catch (VersionException e) {
      return new Ending(SwapState.FAILED, e);
    } catch (IOException e) {
      return Ending.failed("io_error", String.valueOf(e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Ending.failed("shutdown", "the runner is stopping", e);
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      return Ending.failed("internal", "unexpected: " + e, e);
    } finally {
      giveUp();
      commit.tidy();
    }
  }

  private Ending carry()
      throws Swap.AbortedException, VersionException, IOException, InterruptedException {
    swap.awaitLayers(silence);
    swap.enter(SwapState.VERIFYING);
    ModelVersion version = state.versions().assemble(swap.offer());
    swap.enter(SwapState.LOADING);
    Seats.Seat next = slot.seat(LoadedVersion.open(version, backends), slot.generation() + 1);
    candidate = next;
    swap.target(next.serving());
    prove(next.held().version());
    swap.enter(SwapState.STAGED);
    slot.flip(slot.seats().withCandidate(next));
    swap.enter(SwapState.COMMITTING);
    swap.record("flip", commit(next) / 1e6);
    candidate = null;
    swap.enter(SwapState.OBSERVING);
    drain();
    return new Ending(SwapState.COMMITTED, null);
  }

  private void prove(LoadedVersion version) throws VersionException, Swap.AbortedException {
    swap.enter(SwapState.WARMING);
    SelfTest.warm(version);
    swap.enter(SwapState.TESTING);
    SelfTest.test(version);
    List<Example> examples = version.examples();
    swap.record("selftest_median", SelfTest.medianMillis(version, examples));
    try (Lease active = slot.lease().orElse(null)) {
      if (active != null) {
        swap.record("selftest_median_active", SelfTest.medianMillis(active.version(), examples));
      }
    } catch (VersionException e) {
      log.trouble("the active version does not answer the candidate's examples", e);
    }
  }

  private long commit(Seats.Seat candidate) throws VersionException {
    try {
      return commit.candidate(candidate, swap.report());
    } catch (IOException e) {
      throw new VersionException("persist_error", "the swap cannot be recorded: " + e, e);
    }
  }

  /// Waits until the requests that began on the old version have their answers.
  private void drain() throws InterruptedException {
    Seats.Seat old = slot.seats().previous();
    if (old != null) {
      long start = System.nanoTime();
      boolean complete =
          old.held().awaitIdle(Duration.ofMillis(slot.settings().timeoutMillis()).plusSeconds(1));
      double millis = (System.nanoTime() - start) / 1e6;
      swap.record("drain", millis);
      log.drained(old.serving(), complete, millis);
    }
  }

  private void giveUp() {
    Seats.Seat lost = candidate;
    if (lost != null) {
      slot.flip(slot.seats().withCandidate(null));
      lost.held().release();
    }
  }
}
