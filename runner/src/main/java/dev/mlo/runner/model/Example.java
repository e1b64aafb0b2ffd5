package dev.mlo.runner.model;

import dev.mlo.contract.InferenceRequest;
import dev.mlo.contract.MalformedException;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorJson;
import java.util.List;

/// A golden example, ready to be asked.
///
/// @param name the request's path below the model directory
/// @param tolerance relative to the larger of 1 and the expected magnitude
public record Example(
    String name, InferenceRequest request, List<Tensor> expected, double tolerance) {
  public Example {
    expected = List.copyOf(expected);
  }

  static Example parse(ModelCard.Example listed, byte[] request, byte[] response)
      throws VersionException {
    try {
      return new Example(
          listed.request(),
          TensorJson.request(request),
          TensorJson.outputs(response),
          listed.tolerance());
    } catch (MalformedException e) {
      throw new VersionException(
          "example_invalid",
          "the golden example `" + listed.request() + "` cannot be read: " + e.getMessage(),
          e);
    }
  }
}
