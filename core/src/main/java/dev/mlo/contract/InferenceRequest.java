package dev.mlo.contract;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An Open Inference Protocol request, decoded.
///
/// @param outputs the names of the outputs that are wanted; empty: all
/// @param form how the outputs are to be sent
public record InferenceRequest(
    @Nullable String id,
    @Nullable ObjectNode parameters,
    List<Tensor> inputs,
    List<String> outputs,
    OutputForm form) {
  public InferenceRequest {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /// A request that wants its outputs as JSON.
  public InferenceRequest(
      @Nullable String id,
      @Nullable ObjectNode parameters,
      List<Tensor> inputs,
      List<String> outputs) {
    this(id, parameters, inputs, outputs, OutputForm.JSON);
  }
}
