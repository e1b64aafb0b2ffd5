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
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
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

  /// A part of the work.
  private interface Part {
    void run() throws Swap.AbortedException, VersionException, IOException, InterruptedException;
  }

  /// Does the work and cleans up after it; the swap is told of its end by the caller. What takes
  /// long gives way to the requests; the examples do not, for they are asked against the clock.
  Ending run() {
    try {
      var failed = new AtomicReference<Optional<Ending>>(Optional.empty());
      Background.run("mlo-prepare", () -> failed.set(attempt(this::prepare)));
      return failed
          .get()
          .or(() -> attempt(this::commit))
          .orElseGet(() -> new Ending(SwapState.COMMITTED, null));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return stopping(e);
    } finally {
      giveUp();
      commit.tidy();
    }
  }

  /// @return how the swap ends, when the part fails
  private static Optional<Ending> attempt(Part part) {
    try {
      part.run();
      return Optional.empty();
    } catch (Swap.AbortedException e) {
      return Optional.of(new Ending(SwapState.ABORTED, null));
    } catch (VersionException e) {
      return Optional.of(new Ending(SwapState.FAILED, e));
    } catch (IOException e) {
      return Optional.of(Ending.failed("io_error", String.valueOf(e), e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of(stopping(e));
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      return Optional.of(Ending.failed("internal", "unexpected: " + e, e));
    }
  }

  private static Ending stopping(InterruptedException e) {
    return Ending.failed("shutdown", "the runner is stopping", e);
  }

  /// Until there is a candidate.
  private void prepare()
      throws Swap.AbortedException, VersionException, IOException, InterruptedException {
    swap.awaitLayers(silence);
    swap.enter(SwapState.VERIFYING);
    ModelVersion version = state.versions().assemble(swap.offer());
    swap.enter(SwapState.LOADING);
    Seats.Seat next = slot.seat(LoadedVersion.open(version, backends), slot.generation() + 1);
    candidate = next;
    swap.target(next.serving());
  }

  /// Until the candidate serves.
  private void commit() throws Swap.AbortedException, VersionException, InterruptedException {
    Seats.Seat next = Objects.requireNonNull(candidate);
    prove(next.held().version());
    swap.enter(SwapState.STAGED);
    slot.flip(slot.seats().withCandidate(next));
    swap.enter(SwapState.COMMITTING);
    swap.record("flip", commit(next) / 1e6);
    candidate = null;
    swap.enter(SwapState.OBSERVING);
    drain();
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
