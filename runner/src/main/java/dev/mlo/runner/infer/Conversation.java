package dev.mlo.runner.infer;

import dev.mlo.contract.InferenceRequest;
import dev.mlo.contract.InferenceResponse;
import dev.mlo.contract.MalformedException;
import dev.mlo.contract.ModelCard;
import java.io.IOException;

/// A request that waits for its answer, as a protocol sees it. The first answer or refusal counts;
/// what comes after it is dropped.
public interface Conversation {
  /// The word that the metrics use: `rest`, `grpc`.
  String protocol();

  /// Whether nobody waits any more: answered, refused, or the caller has gone.
  boolean isOver();

  /// Whether the caller has gone without an answer. It looks at his connection, so it is for
  /// requests that have lasted a while.
  boolean isDeserted();

  /// The thread that read the request, and answers it, is held up: what else waits for that thread
  /// goes on without it. From any thread.
  default void heldUp() {}

  /// Decodes the request, on a worker.
  ///
  /// @param card of the version that will answer
  /// @throws MalformedException naming the field and the reason
  /// @throws Refusal when there is no room for it
  InferenceRequest request(ModelCard card) throws MalformedException, Refusal;

  /// Encodes and sends the answer, on a worker.
  ///
  /// @param count runs when it is the first, before the caller has it: who asks how many there were
  ///   after his answer finds it among them
  /// @throws IOException when the outputs cannot be written
  /// @throws Refusal when they cannot be written in the form that was asked for
  void answer(InferenceRequest request, InferenceResponse response, Runnable count)
      throws IOException, Refusal;

  /// @param count runs when it is the first, before the caller has it
  void refuse(Refusal refusal, Runnable count);

  /// The same, where nobody counts it.
  default void refuse(Refusal refusal) {
    refuse(refusal, () -> {});
  }
}
