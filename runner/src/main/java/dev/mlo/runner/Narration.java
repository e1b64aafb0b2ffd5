package dev.mlo.runner;

import dev.mlo.contract.Serving;
import dev.mlo.contract.SwapReport;
import dev.mlo.runner.slot.SlotLog;
import java.io.PrintStream;

/// What happens to the slot, a line an event, for whoever reads a container's log.
final class Narration implements SlotLog {
  private final PrintStream out;

  Narration(PrintStream out) {
    this.out = out;
  }

  @Override
  public void flipped(Serving serving, long nanos) {
    out.printf(
        "serving %s %s, generation %d%n", serving.model(), serving.version(), serving.generation());
  }

  @Override
  public void swapEnded(SwapReport report) {
    SwapReport.Fault fault = report.fault();
    out.printf(
        "swap %s to %s: %s%s%n",
        report.id(),
        report.image(),
        report.state(),
        fault == null ? "" : " in " + fault.phase() + ": " + fault.message());
  }

  @Override
  public void drained(Serving old, boolean complete, double millis) {
    if (!complete) {
      out.printf("%s %s still has requests after %.0f ms%n", old.model(), old.version(), millis);
    }
  }

  @Override
  public void rolledBack(Serving now, String trigger) {
    out.printf("rolled back to %s %s (%s)%n", now.model(), now.version(), trigger);
  }

  @Override
  public void trouble(String what, Exception why) {
    out.printf("warning: %s: %s%n", what, why.getMessage());
  }
}
