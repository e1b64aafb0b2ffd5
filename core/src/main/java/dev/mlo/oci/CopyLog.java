package dev.mlo.oci;

/// What a copy tells while it works. Methods may be called from several threads.
public interface CopyLog {
  /// Says nothing.
  CopyLog SILENT =
      new CopyLog() {
        @Override
        public void planned(long blobs, long bytes) {}

        @Override
        public void moved(Descriptor blob, long bytes) {}
      };

  /// How much is in the closure.
  void planned(long blobs, long bytes);

  /// So many more bytes of a blob that must be written were read.
  default void advanced(Descriptor blob, long bytes) {}

  /// So many bytes of a blob are here from a run that did not finish.
  default void resumed(Descriptor blob, long bytes) {}

  /// A layer that its maker does not let others give away is not copied.
  default void left(Descriptor layer) {}

  /// A blob is at the target; `bytes` of it had to be written, 0 when it was there or was linked.
  void moved(Descriptor blob, long bytes);
}
