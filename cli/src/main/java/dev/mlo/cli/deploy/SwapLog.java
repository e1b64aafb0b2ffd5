package dev.mlo.cli.deploy;

import dev.mlo.contract.RunnerStatus;
import dev.mlo.contract.Serving;
import dev.mlo.contract.SwapState;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/// What a swap tells while it works.
public interface SwapLog {
  /// The token goes over the network unencrypted.
  void tokenExposed(URI runner);

  /// A runner told what it serves.
  void asked(URI runner, RunnerStatus status);

  /// A runner judged the image and takes it.
  ///
  /// @param layers how many it lacks
  /// @param bytes their size
  void admitted(URI runner, @Nullable Serving from, String to, int layers, long bytes);

  /// How far a layer is; called a few times a second.
  void sending(URI runner, String digest, long sent, long size);

  void entered(URI runner, SwapState state);

  void ended(SwapOutcome outcome);

  /// The connection broke; the next attempt follows.
  void retrying(URI runner, String why);

  /// A runner serves its version before again.
  void rolledBack(URI runner, Serving now);

  /// Says nothing.
  SwapLog SILENT =
      new SwapLog() {
        @Override
        public void tokenExposed(URI runner) {}

        @Override
        public void asked(URI runner, RunnerStatus status) {}

        @Override
        public void admitted(
            URI runner, @Nullable Serving from, String to, int layers, long bytes) {}

        @Override
        public void sending(URI runner, String digest, long sent, long size) {}

        @Override
        public void entered(URI runner, SwapState state) {}

        @Override
        public void ended(SwapOutcome outcome) {}

        @Override
        public void retrying(URI runner, String why) {}

        @Override
        public void rolledBack(URI runner, Serving now) {}
      };
}
