package dev.mlo.runner.slot;

import dev.mlo.contract.Serving;
import dev.mlo.contract.SwapReport;
import dev.mlo.contract.SwapRequest;
import dev.mlo.contract.SwapState;
import dev.mlo.runner.model.Backends;
import dev.mlo.runner.model.Offer;
import dev.mlo.runner.model.VersionException;
import dev.mlo.runner.slot.SwapRefusedException.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// Swaps and rollbacks of one slot, as the admin API asks for them. One is live at a time.
public final class Swaps implements AutoCloseable {
  private static final long DISK_MARGIN = 16L << 20;

  private final Slot slot;
  private final @Nullable State state;
  private final Backends backends;
  private final SlotLog log;
  private final Duration silence;
  private final Judge judge;
  private final SecureRandom random = new SecureRandom();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("mlo-swap").factory());
  private volatile @Nullable Commit commit;
  private volatile @Nullable Swap live;
  private volatile @Nullable Swap last;

  /// What a request for a swap led to.
  ///
  /// @param begun whether a swap is under way; false for NOOP and for a dry run
  public record Started(SwapReport report, boolean begun) {}

  /// @param state where to remember; `null` when the runner has no directory it can write
  /// @param silence how long an upload may send nothing
  public Swaps(Slot slot, @Nullable State state, Backends backends, SlotLog log, Duration silence) {
    this.slot = slot;
    this.state = state;
    this.backends = backends;
    this.log = log;
    this.silence = silence;
    this.judge = new Judge(slot, backends);
  }

  /// Called once the boot is done; swaps are refused before.
  void open(Commit commit) {
    this.commit = commit;
  }

  /// Work that must not run beside a swap.
  void whenIdle(Runnable work) {
    thread.execute(work);
  }

  /// Judges an offer and begins the swap.
  public synchronized Started start(SwapRequest request) throws SwapRefusedException {
    Offer offer = read(request);
    Swap current = live;
    if (current != null) {
      if (current.offer().digest().equals(offer.digest()) && !request.dryRun()) {
        return new Started(current.report(), true);
      }
      throw inProgress(current);
    }
    State place = state;
    Commit ready = commit;
    if (place == null || ready == null) {
      throw new SwapRefusedException(
          place == null ? Kind.SPACE : Kind.CONFLICT,
          place == null ? "no_state" : "booting",
          place == null
              ? "this runner has no directory it may write, so it cannot take another model"
              : "the runner is still starting");
    }
    judge.generation(request.expectedGeneration());
    List<SwapReport.Blob> missing = place.versions().missing(offer);
    Swap swap = new Swap(id(), offer, request, missing, () -> slot.serving(Role.ACTIVE), log);
    if (judge.isServing(offer)) {
      swap.end(new SwapWork.Ending(SwapState.NOOP, null));
      return new Started(swap.report(), false);
    }
    judge.offer(offer, request.allowSignatureChange());
    admit(place, offer, missing);
    if (request.dryRun()) {
      return new Started(dry(swap), false);
    }
    accept(place, swap);
    var work = new SwapWork(swap, slot, place, backends, ready, log, silence);
    thread.execute(() -> carry(work, swap, place));
    return new Started(swap.report(), true);
  }

  private static Offer read(SwapRequest request) throws SwapRefusedException {
    try {
      return Offer.read(request);
    } catch (VersionException e) {
      throw new SwapRefusedException(Kind.UNACCEPTABLE, e.code(), String.valueOf(e.getMessage()));
    }
  }

  private static SwapReport dry(Swap swap) throws SwapRefusedException {
    try {
      swap.enter(SwapState.RESOLVING);
      swap.enter(SwapState.ADMITTING);
      return swap.report();
    } catch (Swap.AbortedException e) {
      throw new SwapRefusedException(Kind.CONFLICT, "aborted", "the swap was aborted");
    }
  }

  private static void admit(State state, Offer offer, List<SwapReport.Blob> missing)
      throws SwapRefusedException {
    long sent = missing.stream().mapToLong(SwapReport.Blob::size).sum();
    long unpacked = offer.card().files().stream().mapToLong(file -> file.size()).sum();
    try {
      long free = state.versions().freeBytes();
      if (sent + (sent == 0 ? 0 : unpacked) + DISK_MARGIN > free) {
        throw new SwapRefusedException(
            Kind.SPACE,
            "insufficient_disk",
            "the model takes %d bytes on disk for a while, %d are free"
                .formatted(sent + unpacked, free));
      }
    } catch (IOException e) {
      throw new SwapRefusedException(Kind.SPACE, "io_error", String.valueOf(e));
    }
  }

  private void accept(State state, Swap swap) throws SwapRefusedException {
    try {
      swap.enter(SwapState.RESOLVING);
      swap.enter(SwapState.ADMITTING);
      state.journal().append(HistoryEntry.Event.ACCEPTED, swap.id(), swap.report(), null, null);
      swap.enter(SwapState.PULLING);
    } catch (IOException e) {
      throw new SwapRefusedException(Kind.SPACE, "io_error", "the journal: " + e);
    } catch (Swap.AbortedException e) {
      throw new SwapRefusedException(Kind.CONFLICT, "aborted", "the swap was aborted");
    }
    last = swap;
    live = swap;
  }

  /// On the swap thread. Who sees the end may start the next swap at once.
  private void carry(SwapWork work, Swap swap, State state) {
    SwapWork.Ending ending = work.run();
    synchronized (this) {
      live = null;
      swap.end(ending);
    }
    SwapReport report = swap.report();
    try {
      state.journal().append(HistoryEntry.Event.ENDED, swap.id(), report, report.serving(), null);
    } catch (IOException e) {
      log.trouble("the journal cannot be written", e);
    }
    log.swapEnded(report);
  }

  /// Takes a layer the live swap waits for. Wrong bytes fail the swap.
  ///
  /// @param length what the sender says it sends; -1 when it does not say
  public void receive(String digest, long length, InputStream in)
      throws SwapRefusedException, IOException {
    Swap swap = live;
    State place = state;
    Optional<SwapReport.Blob> wanted = swap == null ? Optional.empty() : swap.wanted(digest);
    if (swap == null || place == null || wanted.isEmpty()) {
      throw new SwapRefusedException(
          Kind.UNKNOWN, "not_wanted", "no swap waits for `" + digest + "`");
    }
    if (length >= 0 && length != wanted.get().size()) {
      throw new SwapRefusedException(
          Kind.UNACCEPTABLE,
          "size_mismatch",
          "%s has %d bytes, not %d".formatted(digest, wanted.get().size(), length));
    }
    try {
      place.blobs().receive(wanted.get(), in, bytes -> swap.progressed());
      swap.delivered(wanted.get().digest());
    } catch (VersionException e) {
      swap.poisoned(e);
      Kind kind = e.code().equals("io_error") ? Kind.SPACE : Kind.UNACCEPTABLE;
      throw new SwapRefusedException(kind, e.code(), String.valueOf(e.getMessage()), swap.id());
    }
  }

  public SwapReport abort(String id) throws SwapRefusedException {
    Swap swap = swap(id);
    if (!swap.abort()) {
      throw new SwapRefusedException(
          Kind.CONFLICT, "too_late", "swap %s is %s".formatted(id, swap.state()), id);
    }
    return swap.report();
  }

  /// Back to the previous version, which is still loaded.
  public synchronized Serving rollback(@Nullable String reason) throws SwapRefusedException {
    Swap current = live;
    if (current != null && current.state() != SwapState.OBSERVING) {
      throw inProgress(current);
    }
    Commit ready = commit;
    Seats.Seat previous = slot.seats().previous();
    if (ready == null || previous == null) {
      throw new SwapRefusedException(
          Kind.CONFLICT, "no_previous", "there is no previous version to go back to");
    }
    try {
      Serving now = ready.previous(previous, reason == null ? "manual" : reason);
      if (current != null) {
        current.end(new SwapWork.Ending(SwapState.ROLLED_BACK, null));
      }
      log.rolledBack(now, "manual");
      // Not on the thread of the swaps, which the end of the runner interrupts.
      Thread.ofVirtual().name("mlo-journal").start(ready::settle);
      return now;
    } catch (IOException e) {
      throw new SwapRefusedException(
          Kind.SPACE, "persist_error", "the rollback cannot be recorded: " + e);
    }
  }

  private static SwapRefusedException inProgress(Swap swap) {
    return new SwapRefusedException(
        Kind.CONFLICT,
        "swap_in_progress",
        "swap %s to %s is %s".formatted(swap.id(), swap.offer().image(), swap.state()),
        swap.id());
  }

  private Swap swap(String id) throws SwapRefusedException {
    Swap known = last;
    if (known == null || !known.id().equals(id)) {
      throw new SwapRefusedException(Kind.UNKNOWN, "unknown_swap", "there is no swap `" + id + "`");
    }
    return known;
  }

  /// The live swap or the last one of this process.
  public Optional<SwapReport> latest() {
    Swap known = last;
    return known == null ? Optional.empty() : Optional.of(known.report());
  }

  /// A swap of this process, or of one before.
  public SwapReport report(String id) throws SwapRefusedException {
    Swap known = last;
    if (known != null && known.id().equals(id)) {
      return known.report();
    }
    State place = state;
    SwapReport remembered =
        place == null ? null : place.journal().last(id).map(HistoryEntry::report).orElse(null);
    return remembered == null ? swap(id).report() : remembered;
  }

  /// The report once the state has changed; at once for a swap that has ended.
  public CompletableFuture<SwapReport> nextState(String id) throws SwapRefusedException {
    Swap known = last;
    return known != null && known.id().equals(id)
        ? known.nextState()
        : CompletableFuture.completedFuture(report(id));
  }

  /// Outcomes, newest last.
  public List<HistoryEntry> history() {
    State place = state;
    return place == null
        ? List.of()
        : place.journal().entries().stream().filter(entry -> entry.event().isOutcome()).toList();
  }

  private String id() {
    byte[] tail = new byte[5];
    random.nextBytes(tail);
    return "%011x%s".formatted(System.currentTimeMillis(), HexFormat.of().formatHex(tail));
  }

  @Override
  public void close() {
    Swap current = live;
    if (current != null) {
      current.abort();
    }
    thread.shutdownNow();
  }
}
