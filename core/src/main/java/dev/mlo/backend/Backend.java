package dev.mlo.backend;

import java.nio.file.Path;

/// An engine: opens models of one format. Found through [java.util.ServiceLoader] in a class loader
/// of its own, which lives as long as the process: native engines do not unload.
public interface Backend {
  /// The word a model card uses: `onnx`.
  String format();

  /// What the Open Inference Protocol calls `platform`: `onnx_onnxv1`.
  String platform();

  /// Opens a model. Files the model refers to must lie inside `directory`.
  ///
  /// @param directory where the model's files are
  /// @param entry the file to open, relative to `directory`
  /// @param threads threads a single inference may use
  /// @throws ModelException when the model cannot be loaded; the message says why
  Session open(Path directory, String entry, int threads) throws ModelException;
}
