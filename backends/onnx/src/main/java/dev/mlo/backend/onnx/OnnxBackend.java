package dev.mlo.backend.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.mlo.backend.Backend;
import dev.mlo.backend.ModelException;
import dev.mlo.backend.ModelFiles;
import dev.mlo.backend.Session;
import dev.mlo.onnx.OnnxDescription;
import dev.mlo.onnx.Patch;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;

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
    Path file = ModelFiles.inside(directory, entry);
    OnnxDescription model = checked(file, entry);
    OrtEnvironment environment = Engine.environment();
    try (var options = options(threads)) {
      OrtSession session =
          model.safeguards().isEmpty()
              ? environment.createSession(file.toString(), options)
              : safeguarded(environment, file, model.safeguards(), options);
      return OnnxSession.of(environment, session, model);
    } catch (OrtException e) {
      throw new ModelException(entry + ": " + Engine.reason(e), e);
    } catch (IOException e) {
      throw new ModelException("%s cannot be read: %s".formatted(entry, e.getMessage()), e);
    }
  }

  /// A session of the file with its safeguards, which is in memory twice while it is opened.
  private static OrtSession safeguarded(
      OrtEnvironment environment, Path file, Patch safeguards, OrtSession.SessionOptions options)
      throws IOException, OrtException {
    // Else weights in other files are looked for in the working directory.
    options.addConfigEntry(
        "session.model_external_initializers_file_folder_path",
        file.toAbsolutePath().resolveSibling("").toString());
    try (Arena arena = Arena.ofConfined()) {
      ByteBuffer bytes = arena.allocate(safeguards.length(file)).asByteBuffer();
      safeguards.apply(file, bytes);
      return environment.createSession(bytes.flip(), options);
    }
  }

  /// What was built was checked; what is opened may have been changed since. The engine would
  /// follow a model's external data out of the directory, and unfold its functions until memory
  /// ends.
  private static OnnxDescription checked(Path file, String entry) throws ModelException {
    OnnxDescription model;
    try {
      model = OnnxDescription.read(file);
    } catch (IOException e) {
      throw new ModelException("%s is not an ONNX model: %s".formatted(entry, e.getMessage()), e);
    }
    var why = new ArrayList<>(model.objections());
    why.addAll(model.weightFaults());
    if (!why.isEmpty()) {
      throw new ModelException(entry + ": " + String.join("; ", why));
    }
    return model;
  }

  private static OrtSession.SessionOptions options(int threads) throws OrtException {
    var options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(Math.max(1, threads));
    options.setInterOpNumThreads(1);
    options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
    // Threads that wait for work must not burn the processors of the other workers.
    options.addConfigEntry("session.intra_op.allow_spinning", "0");
    // The engine's arena keeps for ever what the largest request ever took; the C library does not.
    options.setCPUArenaAllocator(false);
    // Else the bytes decide, and its own format would be read unchecked.
    options.addConfigEntry("session.load_model_format", "ONNX");
    return options;
  }
}
