package dev.mlo.contract;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// An Open Inference Protocol response before it is encoded.
public record InferenceResponse(
    String modelName, @Nullable String modelVersion, @Nullable String id, List<Tensor> outputs) {
  public InferenceResponse {
    outputs = List.copyOf(outputs);
  }
}
