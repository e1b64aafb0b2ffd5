package dev.mlo.cli.build;

import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Digest;

/// What building tells while it works.
public interface BuildLog {
  /// Says nothing.
  BuildLog SILENT =
      new BuildLog() {
        @Override
        public void runnerImageNeeded(String why) {}

        @Override
        public void baseFound(
            String reference, Digest digest, int layers, int missing, long bytes) {}

        @Override
        public CopyLog fetching() {
          return CopyLog.SILENT;
        }

        @Override
        public void layerStarted(String what, long bytes) {}

        @Override
        public void layerProgress(long bytes) {}

        @Override
        public void layerFinished() {}

        @Override
        public void note(String sentence) {}

        @Override
        public void nameMoved(String name, Digest before) {}
      };

  /// The shared runner image is about to be made, because `why`.
  void runnerImageNeeded(String why);

  /// A registry has the base; some of its layers are not here yet and will be fetched.
  ///
  /// @param bytes of the missing layers
  void baseFound(String reference, Digest digest, int layers, int missing, long bytes);

  /// What the fetching of these layers tells.
  CopyLog fetching();

  /// A layer is being written. Sizes are bytes.
  void layerStarted(String what, long bytes);

  /// So much of the layer was written by now.
  void layerProgress(long bytes);

  void layerFinished();

  /// Something the reader should know although the work goes on.
  void note(String sentence);

  /// A name now points elsewhere than before.
  void nameMoved(String name, Digest before);
}
