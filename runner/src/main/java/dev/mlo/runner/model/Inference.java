package dev.mlo.runner.model;

import dev.mlo.backend.Cancellation;
import dev.mlo.contract.Tensor;
import java.util.List;

/// One question to a version, which can be taken back from any thread and at any time.
public final class Inference {
  private final LoadedVersion version;
  private final Cancellation cancellation = new Cancellation();

  Inference(LoadedVersion version) {
    this.version = version;
  }

  /// @param inputs checked against the signature
  /// @throws InferenceFailure whatever the engine throws
  public List<Tensor> infer(List<Tensor> inputs, List<String> outputs) throws InferenceFailure {
    return version.infer(inputs, outputs, cancellation);
  }

  /// Nobody waits for the answer any more: the engine stops as soon as it looks up. Returns at
  /// once; after the answer it does nothing.
  public void cancel() {
    cancellation.cancel();
  }

  public boolean isCancelled() {
    return cancellation.isCancelled();
  }
}
