package dev.mlo.cli.deploy;

import dev.mlo.contract.Serving;
import dev.mlo.contract.SwapState;
import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What became of one runner.
///
/// @param state COMMITTED, NOOP, ROLLED_BACK, or ADMITTING after a dry run
/// @param from what it served before
/// @param to what it serves now, or after a dry run would serve
/// @param layers how many layers were sent, or after a dry run would be
/// @param bytes how many bytes they have
/// @param timings milliseconds a phase took, as the runner measured them; for a rollback how long
///   [#ROLLBACK] took, from the request to the answer
public record SwapOutcome(
    URI runner,
    SwapState state,
    @Nullable Serving from,
    @Nullable Serving to,
    int layers,
    long bytes,
    Map<String, Double> timings) {
  public static final String ROLLBACK = "rollback";
}
