package dev.mlo.cli.project;

import dev.mlo.cli.docker.ExportLog;
import dev.mlo.oci.registry.RegistryLog;
import java.time.Duration;

/// What the places tell from which images come and to which they go, while one waits for them.
public interface ImagesLog extends RegistryLog, ExportLog {
  /// Says nothing.
  ImagesLog SILENT =
      new ImagesLog() {
        @Override
        public void again(String registry, String why, Duration pause, int next, int of) {}

        @Override
        public void exporting(String image, long bytes) {}

        @Override
        public void exported(long bytes) {}

        @Override
        public void exportEnded(boolean whole) {}
      };
}
