package dev.mlo.runner.http;

import dev.mlo.contract.RunnerStatus;
import dev.mlo.runner.infer.Metrics;
import dev.mlo.runner.slot.Role;
import dev.mlo.runner.slot.Slot;
import dev.mlo.runner.slot.Swaps;
import java.util.List;
import java.util.function.Supplier;

/// What does not change, or changes once, of a runner's status.
///
/// @param source where the boot decision came from
/// @param started when the process started, as [System#nanoTime()]
public record StatusPage(
    String runner, List<String> formats, Supplier<String> source, long started) {
  RunnerStatus now(Slot slot, Swaps swaps, Metrics metrics) {
    return new RunnerStatus(
        runner,
        slot.isReady(),
        slot.serving(Role.ACTIVE),
        slot.serving(Role.PREVIOUS),
        slot.serving(Role.CANDIDATE),
        slot.generation(),
        source.get(),
        formats,
        swaps.latest().orElse(null),
        metrics.answered(),
        (System.nanoTime() - started) / 1e9);
  }
}
