package dev.mlo.cli.deploy;

import dev.mlo.contract.DataType;
import dev.mlo.contract.InferenceRequest;
import dev.mlo.contract.InferenceResponse;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Signature;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// For a model without examples: a request of zeros and empty strings, every open dimension 1. It
/// shows that the model loads and answers as its signature says, not that it answers rightly.
final class SmokeRequest {
  static final String NAME = "zeros";

  /// An input larger than this is not made up, in elements.
  private static final long MAX_ELEMENTS = 16L << 20;

  private SmokeRequest() {}

  static InferenceRequest of(Signature signature) {
    var inputs = new ArrayList<Tensor>();
    for (TensorSpec input : signature.inputs()) {
      inputs.add(zeros(input));
    }
    return new InferenceRequest(null, null, inputs, List.of());
  }

  /// Whether a model may answer zeros by saying that they are none of the values it knows. In PMML
  /// an empty string is a missing value, and a model lists the values a field may have.
  static boolean mayBeRefused(ModelCard card) {
    return card.format().equals("pmml");
  }

  private static Tensor zeros(TensorSpec input) {
    Shape shape =
        new Shape(
            input.shape().dimensions().stream().map(n -> n < 0 ? Long.valueOf(1) : n).toList());
    long elements = shape.elements();
    if (elements > MAX_ELEMENTS) {
      throw new IllegalArgumentException(
          "input `%s` of shape %s is too large to be made up".formatted(input.name(), shape));
    }
    return input.datatype() == DataType.BYTES
        ? new Tensor.Strings(input.name(), shape, Collections.nCopies((int) elements, new byte[0]))
        : new Tensor.Numbers(
            input.name(),
            input.datatype(),
            shape,
            ByteBuffer.allocate((int) elements * input.datatype().width()));
  }

  /// How an answer differs from what the signature promises, as sentences.
  static List<String> differences(Signature signature, InferenceResponse response) {
    var found = new ArrayList<String>();
    for (TensorSpec promised : signature.outputs()) {
      response.outputs().stream()
          .filter(output -> output.name().equals(promised.name()))
          .findFirst()
          .ifPresentOrElse(
              output -> {
                if (output.datatype() != promised.datatype()) {
                  found.add("output %s is %s".formatted(promised, output.datatype()));
                }
              },
              () -> found.add("output `" + promised.name() + "` is missing"));
    }
    return found;
  }
}
