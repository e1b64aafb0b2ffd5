package dev.mlo.contract;

/// Where a swap stands.
///
/// ```
/// ACCEPTED → RESOLVING → ADMITTING → PULLING → VERIFYING → LOADING → WARMING → TESTING → STAGED
/// STAGED → COMMITTING → OBSERVING → COMMITTED
/// ```
///
/// Until COMMITTING the active version is untouched, whatever fails.
public enum SwapState {
  ACCEPTED(false),
  RESOLVING(false),
  ADMITTING(false),
  PULLING(false),
  VERIFYING(false),
  LOADING(false),
  WARMING(false),
  TESTING(false),
  STAGED(false),
  COMMITTING(false),
  OBSERVING(false),
  COMMITTED(true),
  NOOP(true),
  FAILED(true),
  ABORTED(true),
  SUPERSEDED(true),
  ROLLED_BACK(true),
  INTERRUPTED(true);

  private final boolean terminal;

  SwapState(boolean terminal) {
    this.terminal = terminal;
  }

  public boolean isTerminal() {
    return terminal;
  }

  /// Whether the swap ended with the runner serving what was asked for.
  public boolean isSuccess() {
    return this == COMMITTED || this == NOOP;
  }
}
