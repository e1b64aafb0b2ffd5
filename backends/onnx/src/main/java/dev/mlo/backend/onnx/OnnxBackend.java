package dev.mlo.backend.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.mlo.backend.Backend;
import dev.mlo.backend.ModelException;
import dev.mlo.backend.Session;
import java.io.IOException;
import java.nio.file.Path;

/// ONNX models on ONNX Runtime's CPU provider.
public final class OnnxBackend implements Backend {
  /// Found by [java.util.ServiceLoader]; loads nothing native.
  public OnnxBackend() {}

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
    Path file = inside(directory, entry);
    OrtEnvironment environment = Engine.environment();
    try (var options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(Math.max(1, threads));
      options.setInterOpNumThreads(1);
      options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
      // Threads that wait for work must not burn the processors of the other workers.
      options.addConfigEntry("session.intra_op.allow_spinning", "0");
      return OnnxSession.of(environment, environment.createSession(file.toString(), options));
    } catch (OrtException e) {
      throw new ModelException(entry + ": " + Engine.reason(e), e);
    }
  }

  /// The real path of the file to open. A link that leads out of the directory is refused, for the
  /// card's digests speak of the files inside it.
  private static Path inside(Path directory, String entry) throws ModelException {
    try {
      Path root = directory.toRealPath();
      Path file = root.resolve(entry).toRealPath();
      if (file.equals(root) || !file.startsWith(root)) {
        throw new ModelException("`" + entry + "` is not inside the model's directory");
      }
      return file;
    } catch (IOException | IllegalArgumentException e) {
      throw new ModelException("`" + entry + "` cannot be opened in the model's directory", e);
    }
  }
}
