package dev.mlo.runner.infer;

import dev.mlo.contract.Serving;
import dev.mlo.contract.SwapReport;
import dev.mlo.contract.SwapState;
import dev.mlo.runner.slot.SlotLog;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Locale;

/// What is counted of swaps.
final class SwapMetrics implements SlotLog {
  private final Counter ended;
  private final Histogram phases;
  private final Histogram flips;
  private final Counter rollbacks;

  SwapMetrics(PrometheusRegistry registry) {
    ended =
        Counter.builder()
            .name("mlo_swap_total")
            .help("Swaps by their end and the phase they ended in.")
            .labelNames("model_name", "result", "phase")
            .register(registry);
    phases = Metrics.histogram(registry, "mlo_swap_phase_duration_seconds", "phase");
    flips =
        Histogram.builder()
            .name("mlo_swap_flip_duration_seconds")
            .help("The reference assignment that changes the active version.")
            .classicOnly()
            .withoutExemplars()
            .classicUpperBounds(1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2)
            .register(registry);
    rollbacks =
        Counter.builder()
            .name("mlo_rollback_total")
            .help("Returns to the previous version.")
            .labelNames("trigger")
            .register(registry);
  }

  @Override
  public void phaseEnded(SwapState phase, double millis) {
    phases.labelValues(phase.name().toLowerCase(Locale.ROOT)).observe(millis / 1e3);
  }

  @Override
  public void swapEnded(SwapReport report) {
    SwapReport.Fault fault = report.fault();
    Serving serving = report.serving();
    SwapState phase = fault == null ? report.state() : fault.phase();
    ended
        .labelValues(
            serving == null ? "" : serving.model(),
            report.state().name().toLowerCase(Locale.ROOT),
            phase.name().toLowerCase(Locale.ROOT))
        .inc();
  }

  @Override
  public void flipped(Serving serving, long nanos) {
    flips.observe(nanos / 1e9);
  }

  @Override
  public void rolledBack(Serving now, String trigger) {
    rollbacks.labelValues(trigger).inc();
  }
}
