package dev.mlo.cli.promote;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How a promotion or a rollback ended, when it did not fail.
///
/// @param previous what the environment pointed at before; `null` when nothing
/// @param source where the release came from: an environment, or `store`
/// @param gates what was asked; empty when the release was there already
/// @param recorded the environment's record; `null` after a dry run in an empty environment
/// @param bytesWritten bytes that were neither there nor hard-linked; after a dry run, bytes
///   missing at the target
/// @param ledger the git repository of the record
/// @param following the environment that comes next; empty after the last
/// @param undo whether there is something to roll back to
public record PromotionResult(
    Outcome outcome,
    EventKind kind,
    String model,
    String environment,
    Release release,
    @Nullable Release previous,
    String source,
    List<GateResult> gates,
    @Nullable EnvironmentRecord recorded,
    LedgerEvent.Moved closure,
    long bytesWritten,
    Path ledger,
    Optional<String> following,
    boolean undo) {

  /// What was done.
  public enum Outcome {
    /// The environment points at another release now.
    DONE,
    /// It did already; nothing was changed.
    ALREADY_THERE,
    /// The ledger said so already, the pointer did not follow yet; now it does.
    FINISHED,
    /// The ledger and the pointer said so, but content or tags were missing; now they are there.
    RESTORED,
    /// A dry run.
    PLANNED
  }

  public PromotionResult {
    gates = List.copyOf(gates);
  }
}
