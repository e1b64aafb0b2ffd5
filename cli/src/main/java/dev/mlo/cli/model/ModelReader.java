package dev.mlo.cli.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Reads what a model file says of itself: as a stream, without its weights, without its engine.
public final class ModelReader {
  private ModelReader() {}

  /// @param entry the file the engine would open
  /// @throws dev.mlo.cli.failure.Failure MANIFEST when the file is no model or cannot be served
  public static ModelDescription read(Path entry) {
    throw new UnsupportedOperationException();
  }

  /// The file an engine would open: the file itself, or in a directory its only model, or the one
  /// called `model.onnx` directly in it.
  ///
  /// @throws dev.mlo.cli.failure.Failure MANIFEST when there are several and none is preferred
  public static Optional<Path> findEntry(Path fileOrDirectory) {
    throw new UnsupportedOperationException();
  }

  /// Every file below a directory that looks like a model, sorted; hidden folders are left out.
  public static List<Path> candidates(Path directory) {
    throw new UnsupportedOperationException();
  }
}
