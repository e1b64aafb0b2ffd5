package dev.mlo.runner.slot;

import dev.mlo.contract.Serving;
import dev.mlo.contract.SwapReport;
import org.jspecify.annotations.Nullable;

/// A line of the journal, and of `GET /mlo/v1/history`.
///
/// @param at UTC, ISO 8601
/// @param swap the swap it belongs to; `null` for a rollback or a boot
/// @param report the swap as it stood then
/// @param serving what served from then on
public record HistoryEntry(
    String at,
    Event event,
    @Nullable String swap,
    @Nullable SwapReport report,
    @Nullable Serving serving,
    @Nullable String detail) {

  /// What a journal remembers.
  public enum Event {
    ACCEPTED(false),
    COMMIT_INTENT(false),
    FLIPPED(false),
    ENDED(true),
    ROLLBACK_INTENT(false),
    ROLLED_BACK(true);

    private final boolean outcome;

    Event(boolean outcome) {
      this.outcome = outcome;
    }

    /// Whether people want to see it in a history.
    boolean isOutcome() {
      return outcome;
    }
  }
}
