package dev.mlo.cli.promote;

import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;

/// What happens while a release is promoted or rolled back.
public interface PromotionLog {
  /// The name has become one digest.
  void resolved(String model, Release release, String source, String environment);

  /// The golden examples are asked now.
  void testing(Release release, int examples);

  void judged(GateResult gate);

  /// Follows the blobs.
  CopyLog copying();

  /// Everything is at the target, invisible yet.
  void copied(Copy.Report report);

  /// The ledger says it; from here on it has happened.
  void committed(String environment, int sequence);

  /// The pointer follows.
  void pointed(String tag, Release release);

  /// Says nothing.
  PromotionLog SILENT =
      new PromotionLog() {
        @Override
        public void resolved(String model, Release release, String source, String environment) {}

        @Override
        public void testing(Release release, int examples) {}

        @Override
        public void judged(GateResult gate) {}

        @Override
        public CopyLog copying() {
          return CopyLog.SILENT;
        }

        @Override
        public void copied(Copy.Report report) {}

        @Override
        public void committed(String environment, int sequence) {}

        @Override
        public void pointed(String tag, Release release) {}
      };
}
