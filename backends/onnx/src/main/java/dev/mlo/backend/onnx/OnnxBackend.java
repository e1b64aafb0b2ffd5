package dev.mlo.backend.onnx;

import dev.mlo.backend.Backend;
import dev.mlo.backend.ModelException;
import dev.mlo.backend.Session;
import java.nio.file.Path;

/// Opens ONNX models on ONNX Runtime.
///
/// A classic model's output of type `seq(map(K,float))` (a `ZipMap`) is served as one FP32 tensor
/// of shape `[batch, classes]`, the classes in ascending order of their keys. Other sequences, maps
/// and optionals are refused.
public final class OnnxBackend implements Backend {
  @Override
  public String format() {
    return "onnx";
  }

  @Override
  public String platform() {
    return "onnx_onnxv1";
  }

  @Override
  public Session open(Path directory, String entry, int threads) throws ModelException {
    return OnnxSession.open(Engine.start(), directory.resolve(entry), threads);
  }
}
