package dev.mlo.cli.promote;

import dev.mlo.oci.Digest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The three readings of an environment: what it should be, what its pointer says, what runs.
///
/// @param ledger `null` when nothing was promoted there
/// @param pointer the digest of the pointer tag; `null` when there is none
/// @param runners those that belong to it, by its name or by what they serve
/// @param drifts in what it is not as it should be; empty: in sync
public record EnvironmentStatus(
    String name,
    @Nullable EnvironmentRecord ledger,
    @Nullable Digest pointer,
    List<RunnerSighting> runners,
    List<Drift> drifts) {
  public EnvironmentStatus {
    runners = List.copyOf(runners);
    drifts = List.copyOf(drifts);
  }

  /// `in sync`, `empty`, or the names of the drifts.
  public String state() {
    if (!drifts.isEmpty()) {
      return String.join(
          ", ", drifts.stream().map(drift -> drift.kind().words()).distinct().toList());
    }
    return ledger == null ? "empty" : "in sync";
  }
}
