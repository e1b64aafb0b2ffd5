package dev.mlo.runner.infer;

import dev.mlo.contract.Serving;
import dev.mlo.runner.slot.Lease;
import java.util.Optional;
import java.util.function.Supplier;

/// Where a request wants to go: the active version, or one it names. It holds no version; the lease
/// is taken when a worker begins.
///
/// @param admitted what was active when the request came
public record Target(Serving admitted, Supplier<Optional<Lease>> leases) {
  /// @throws Refusal when the version has gone meanwhile
  public Lease lease() throws Refusal {
    return leases
        .get()
        .orElseThrow(() ->
            new Refusal(Refusal.Reason.NOT_READY, "not_ready", "no such version serves any more"));
  }
}
