package dev.mlo.runner.infer;

import dev.mlo.contract.InferenceRequest;
import dev.mlo.contract.MalformedException;
import dev.mlo.contract.Signature;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorSpec;
import java.util.HashSet;

/// Holds a request against a signature before an engine sees it.
final class InputCheck {
  private InputCheck() {}

  /// @throws MalformedException naming the input or output and what is wrong with it
  static void check(InferenceRequest request, Signature signature) throws MalformedException {
    var seen = new HashSet<String>();
    for (Tensor input : request.inputs()) {
      if (!seen.add(input.name())) {
        throw new MalformedException("input `" + input.name() + "` is there twice");
      }
      TensorSpec spec =
          signature
              .input(input.name())
              .orElseThrow(() -> new MalformedException(unknown("input", input.name(), signature)));
      compare(input, spec);
    }
    for (TensorSpec spec : signature.inputs()) {
      if (!seen.contains(spec.name())) {
        throw new MalformedException("input `%s` is missing: %s".formatted(spec.name(), spec));
      }
    }
    for (String output : request.outputs()) {
      if (signature.output(output).isEmpty()) {
        throw new MalformedException(unknown("output", output, signature));
      }
    }
  }

  private static String unknown(String kind, String name, Signature signature) {
    var known =
        (kind.equals("input") ? signature.inputs() : signature.outputs())
            .stream().map(TensorSpec::name).toList();
    return "the model has no %s `%s`; it has %s".formatted(kind, name, known);
  }

  private static void compare(Tensor input, TensorSpec spec) throws MalformedException {
    if (input.datatype() != spec.datatype()) {
      throw new MalformedException(
          "input `%s` is %s, the model takes %s"
              .formatted(input.name(), input.datatype(), spec.datatype()));
    }
    if (!input.shape().fits(spec.shape())) {
      throw new MalformedException(
          "input `%s` has shape %s, the model takes %s"
              .formatted(input.name(), input.shape(), spec.shape()));
    }
  }
}
