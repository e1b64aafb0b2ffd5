package dev.mlo.contract;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An Open Inference Protocol request, decoded.
///
/// @param outputs the names of the outputs that are wanted; empty: all
public record InferenceRequest(
    @Nullable String id,
    @Nullable ObjectNode parameters,
    List<Tensor> inputs,
    List<String> outputs) {
  public InferenceRequest {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }
}
