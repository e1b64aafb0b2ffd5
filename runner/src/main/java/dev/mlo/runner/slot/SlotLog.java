package dev.mlo.runner.slot;

import dev.mlo.contract.Serving;
import dev.mlo.contract.SwapReport;
import dev.mlo.contract.SwapState;
import java.util.List;

/// What happens to a slot, told as it happens.
public interface SlotLog {
  default void phaseEnded(SwapState phase, double millis) {}

  default void swapEnded(SwapReport report) {}

  /// Another version is active from now on.
  default void flipped(Serving serving, long nanos) {}

  /// @param complete whether the last request left in time
  default void drained(Serving old, boolean complete, double millis) {}

  /// @param trigger `manual` or `boot_guard`
  default void rolledBack(Serving now, String trigger) {}

  /// Something failed that nobody waits for.
  default void trouble(String what, Exception why) {}

  /// Tells all of these.
  static SlotLog all(List<SlotLog> logs) {
    return new SlotLog() {
      @Override
      public void phaseEnded(SwapState phase, double millis) {
        logs.forEach(log -> log.phaseEnded(phase, millis));
      }

      @Override
      public void swapEnded(SwapReport report) {
        logs.forEach(log -> log.swapEnded(report));
      }

      @Override
      public void flipped(Serving serving, long nanos) {
        logs.forEach(log -> log.flipped(serving, nanos));
      }

      @Override
      public void drained(Serving old, boolean complete, double millis) {
        logs.forEach(log -> log.drained(old, complete, millis));
      }

      @Override
      public void rolledBack(Serving now, String trigger) {
        logs.forEach(log -> log.rolledBack(now, trigger));
      }

      @Override
      public void trouble(String what, Exception why) {
        logs.forEach(log -> log.trouble(what, why));
      }
    };
  }
}
