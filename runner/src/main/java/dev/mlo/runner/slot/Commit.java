package dev.mlo.runner.slot;

import dev.mlo.contract.Serving;
import dev.mlo.contract.SwapReport;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Makes another version the active one so that a crash at any instant leaves the old or the new
/// one: intent journalled → `active.json` by rename → flip → journalled.
final class Commit {
  private final Slot slot;
  private final State state;
  private final @Nullable String baked;
  private final SlotLog log;

  /// @param baked the model digest of the runner's own image
  Commit(Slot slot, State state, @Nullable String baked, SlotLog log) {
    this.slot = slot;
    this.state = state;
    this.baked = baked;
    this.log = log;
  }

  /// The candidate becomes active, the active version previous; the one before is given up.
  ///
  /// @return nanoseconds the flip took
  /// @throws IOException before anything changed
  long candidate(Seats.Seat candidate, SwapReport report) throws IOException {
    Seats now = slot.seats();
    state
        .journal()
        .append(HistoryEntry.Event.COMMIT_INTENT, report.id(), report, candidate.serving(), null);
    point(candidate, now.active(), report.id());
    long nanos = slot.flip(now.promoting(candidate));
    log.flipped(candidate.serving(), nanos);
    flipped(report, candidate.serving());
    if (now.previous() != null) {
      now.previous().held().release();
    }
    return nanos;
  }

  /// Active and previous change places. Somebody waits for it, and a disk may take half a second to
  /// write a line, so the pointer alone is on disk when this returns; [#settle] does the rest.
  ///
  /// @throws IOException before anything changed
  Serving previous(Seats.Seat previous, String detail) throws IOException {
    Seats now = slot.seats();
    Seats.Seat next = previous.withGeneration(slot.generation() + 1);
    state.journal().note(HistoryEntry.Event.ROLLBACK_INTENT, next.serving(), detail);
    point(next, now.active(), null);
    long nanos = slot.flip(now.promoting(next));
    log.flipped(next.serving(), nanos);
    try {
      state.journal().note(HistoryEntry.Event.ROLLED_BACK, next.serving(), detail);
    } catch (IOException e) {
      log.trouble("the journal cannot be written", e);
    }
    return next.serving();
  }

  /// Brings to disk what the journal says of a rollback.
  void settle() {
    try {
      state.journal().sync();
    } catch (IOException e) {
      log.trouble("the journal cannot be written", e);
    }
  }

  private void point(Seats.Seat active, Seats.@Nullable Seat previous, @Nullable String swap)
      throws IOException {
    Pointer pointer =
        new Pointer(
            active.serving().generation(),
            Pointer.Version.of(active.held().version().version()),
            previous == null ? null : Pointer.Version.of(previous.held().version().version()),
            swap,
            baked);
    Pointer before = state.pointer().orElse(null);
    try {
      pointer.write(state.pointerFile());
    } catch (IOException e) {
      if (before != null) {
        before.write(state.pointerFile());
      }
      throw e;
    }
  }

  /// After the flip nothing may fail any more: the new version serves, and a restart comes back to
  /// it.
  private void flipped(SwapReport report, Serving serving) {
    try {
      state.journal().append(HistoryEntry.Event.FLIPPED, report.id(), report, serving, null);
    } catch (IOException e) {
      log.trouble("the journal cannot be written", e);
    }
  }

  /// Deletes what belongs to no version that is seated.
  void tidy() {
    Seats now = slot.seats();
    List<String> kept =
        Stream.of(now.active(), now.previous(), now.candidate())
            .filter(Objects::nonNull)
            .filter(seat -> !seat.held().version().version().baked())
            .map(seat -> seat.serving().imageDigest())
            .filter(Objects::nonNull)
            .toList();
    try {
      state.versions().keepOnly(kept);
      state.blobs().clear();
    } catch (IOException e) {
      log.trouble("old versions cannot be deleted", e);
    }
  }
}
