package dev.mlo.cli.docker;

/// What an engine's export tells while one waits for it.
public interface ExportLog {
  /// An engine gives an image away.
  ///
  /// @param bytes about how large it is, as the engine says; 0: it does not
  void exporting(String image, long bytes);

  /// So many bytes have come by now.
  void exported(long bytes);

  /// @param whole whether all of it came
  void exportEnded(boolean whole);
}
