package dev.mlo.backend;

import dev.mlo.contract.Signature;
import dev.mlo.contract.Tensor;
import java.util.List;

/// A loaded model. Any number of threads may infer at once; the caller sees to it that nobody
/// infers while it is closed.
public interface Session extends AutoCloseable {
  Signature signature();

  /// @param inputs checked against the signature by the caller
  /// @param outputs the names of the outputs that are wanted; empty: all
  /// @return the outputs in the order of the signature
  /// @throws InferenceException when the engine refuses or fails
  List<Tensor> infer(List<Tensor> inputs, List<String> outputs) throws InferenceException;

  /// The same, and the engine stops as soon as it can when it is told to: the call then ends with
  /// an [InferenceException] that is not the client's fault. An engine whose inferences always end
  /// soon need not listen.
  ///
  /// @param cancellation this inference's own
  default List<Tensor> infer(List<Tensor> inputs, List<String> outputs, Cancellation cancellation)
      throws InferenceException {
    return infer(inputs, outputs);
  }

  @Override
  void close();
}
