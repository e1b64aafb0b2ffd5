package dev.mlo.runner.slot;

import dev.mlo.contract.Serving;
import dev.mlo.contract.SwapReport;
import dev.mlo.contract.SwapRequest;
import dev.mlo.contract.SwapState;
import dev.mlo.runner.model.Offer;
import dev.mlo.runner.model.VersionException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One attempt to serve another version: where it stands, what it waits for, and who waits for it.
/// One thread carries it from state to state; uploads, aborts and questions come from others.
final class Swap {
  private static final Set<String> RETRYABLE =
      Set.of("pull_timeout", "io_error", "persist_error", "insufficient_disk");

  /// Thrown where a swap was told to give up.
  static final class AbortedException extends Exception {
    AbortedException() {
      super("the swap was aborted");
    }
  }

  private final String id;
  private final Offer offer;
  private final @Nullable String reason;
  private final @Nullable Serving from;
  private final Supplier<@Nullable Serving> serving;
  private final SlotLog log;
  private final String startedAt = Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
  private final Map<String, SwapReport.Blob> missing = new LinkedHashMap<>();
  private final Map<String, Double> timings = new LinkedHashMap<>();
  private final List<CompletableFuture<SwapReport>> waiting = new ArrayList<>();
  private SwapState state = SwapState.ACCEPTED;
  private long since = System.nanoTime();
  private long lastProgress = since;
  private boolean aborted;
  private @Nullable VersionException poison;
  private @Nullable Serving to;
  private SwapReport.@Nullable Fault fault;

  Swap(
      String id,
      Offer offer,
      SwapRequest request,
      List<SwapReport.Blob> missing,
      Supplier<@Nullable Serving> serving,
      SlotLog log) {
    this.id = id;
    this.offer = offer;
    this.reason = request.reason();
    this.serving = serving;
    this.from = serving.get();
    this.log = log;
    missing.forEach(blob -> this.missing.put(blob.digest(), blob));
  }

  String id() {
    return id;
  }

  Offer offer() {
    return offer;
  }

  synchronized SwapState state() {
    return state;
  }

  synchronized void target(Serving to) {
    this.to = to;
  }

  /// Goes on to the next state, unless it was aborted.
  synchronized void enter(SwapState next) throws AbortedException {
    if (aborted) {
      throw new AbortedException();
    }
    move(next);
  }

  /// Ends it; the first end counts.
  synchronized void end(SwapWork.Ending ending) {
    if (state.isTerminal()) {
      return;
    }
    VersionException why = ending.failure();
    if (why != null) {
      String message = String.valueOf(why.getMessage());
      fault = new SwapReport.Fault(state, why.code(), message, RETRYABLE.contains(why.code()));
    }
    missing.clear();
    move(ending.state());
  }

  private void move(SwapState next) {
    long now = System.nanoTime();
    double millis = (now - since) / 1e6;
    timings.put(state.name().toLowerCase(Locale.ROOT), millis);
    log.phaseEnded(state, millis);
    state = next;
    since = now;
    notifyAll();
    SwapReport report = report();
    waiting.forEach(one -> one.complete(report));
    waiting.clear();
  }

  synchronized void record(String what, double millis) {
    timings.put(what, millis);
  }

  /// Gives up at the next step.
  ///
  /// @return false when it is too late
  synchronized boolean abort() {
    if (state.compareTo(SwapState.COMMITTING) >= 0) {
      return state == SwapState.ABORTED;
    }
    aborted = true;
    notifyAll();
    return true;
  }

  /// The layer of this digest, when the swap waits for it.
  synchronized Optional<SwapReport.Blob> wanted(String digest) {
    return Optional.ofNullable(missing.get(digest));
  }

  synchronized void progressed() {
    lastProgress = System.nanoTime();
  }

  synchronized void delivered(String digest) {
    missing.remove(digest);
    progressed();
    notifyAll();
  }

  /// What was sent is not what was promised.
  synchronized void poisoned(VersionException why) {
    poison = why;
    notifyAll();
  }

  /// Waits for the layers.
  ///
  /// @param silence how long no byte may come before it gives up
  synchronized void awaitLayers(Duration silence)
      throws VersionException, AbortedException, InterruptedException {
    progressed();
    while (true) {
      if (aborted) {
        throw new AbortedException();
      }
      if (poison != null) {
        throw poison;
      }
      if (missing.isEmpty()) {
        return;
      }
      long left = silence.toNanos() - (System.nanoTime() - lastProgress);
      if (left <= 0) {
        throw new VersionException(
            "pull_timeout", "no byte of the model came for " + silence.toSeconds() + " s");
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
  }

  /// Completes when the state is another one than now, at once when it is terminal.
  synchronized CompletableFuture<SwapReport> nextState() {
    if (state.isTerminal()) {
      return CompletableFuture.completedFuture(report());
    }
    var future = new CompletableFuture<SwapReport>();
    waiting.add(future);
    return future;
  }

  synchronized SwapReport report() {
    return new SwapReport(
        id,
        offer.image(),
        offer.digest(),
        state,
        from,
        to,
        List.copyOf(missing.values()),
        new LinkedHashMap<>(timings),
        fault,
        serving.get(),
        startedAt,
        reason);
  }
}
