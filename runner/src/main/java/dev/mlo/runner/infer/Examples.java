package dev.mlo.runner.infer;

import dev.mlo.contract.DataType;
import dev.mlo.contract.InferenceRequest;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Signature;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A request's inputs as examples that can lie beside those of another request: the first dimension
/// of each input counts them.
///
/// @param inputs in the order of the signature
/// @param count the first length of each
record Examples(List<Tensor> inputs, int count) {
  /// The shape of one example of each input; what requests must have in common to be joined.
  record Kind(List<Shape> shapes) {}

  /// Empty when the model has an input or output whose first dimension has a length of its own, or
  /// the request's inputs have different numbers of examples.
  static Optional<Examples> of(InferenceRequest request, Signature signature) {
    if (!signature.outputs().stream().allMatch(Examples::counts)) {
      return Optional.empty();
    }
    var inputs = new ArrayList<Tensor>();
    long count = -1;
    for (TensorSpec spec : signature.inputs()) {
      Tensor input = named(request.inputs(), spec.name());
      long length = input.shape().rank() == 0 ? 0 : input.shape().dimensions().getFirst();
      if (!counts(spec) || length == 0 || (count >= 0 && count != length)) {
        return Optional.empty();
      }
      count = length;
      inputs.add(input);
    }
    return count < 1 || count > Integer.MAX_VALUE
        ? Optional.empty()
        : Optional.of(new Examples(inputs, (int) count));
  }

  private static boolean counts(TensorSpec spec) {
    return spec.shape().rank() > 0 && spec.shape().dimensions().getFirst() < 0;
  }

  private static Tensor named(List<Tensor> tensors, String name) {
    return tensors.stream().filter(tensor -> tensor.name().equals(name)).findFirst().orElseThrow();
  }

  Kind kind() {
    return new Kind(inputs.stream().map(input -> tail(input.shape())).toList());
  }

  private static Shape tail(Shape shape) {
    return new Shape(shape.dimensions().subList(1, shape.rank()));
  }

  private static Shape of(long count, Shape tail) {
    var lengths = new ArrayList<Long>();
    lengths.add(count);
    lengths.addAll(tail.dimensions());
    return new Shape(lengths);
  }

  /// One after the other.
  ///
  /// @param all of one kind
  static List<Tensor> joined(List<Examples> all) {
    long count = all.stream().mapToLong(Examples::count).sum();
    var joined = new ArrayList<Tensor>();
    for (int i = 0; i < all.getFirst().inputs.size(); i++) {
      int input = i;
      List<Tensor> parts = all.stream().map(examples -> examples.inputs.get(input)).toList();
      joined.add(joined(parts, of(count, tail(parts.getFirst().shape()))));
    }
    return joined;
  }

  private static Tensor joined(List<Tensor> parts, Shape shape) {
    Tensor first = parts.getFirst();
    if (first.datatype() == DataType.BYTES) {
      var elements = new ArrayList<byte[]>();
      parts.forEach(part -> elements.addAll(((Tensor.Strings) part).elements()));
      return new Tensor.Strings(first.name(), shape, elements);
    }
    int bytes = parts.stream().mapToInt(part -> ((Tensor.Numbers) part).data().remaining()).sum();
    ByteBuffer data = ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    parts.forEach(part -> data.put(((Tensor.Numbers) part).data()));
    return new Tensor.Numbers(first.name(), first.datatype(), shape, data.flip());
  }

  /// The outputs of joined examples, for each of those who joined them.
  ///
  /// @return empty when an output has not one entry an example
  static Optional<List<List<Tensor>>> parted(List<Tensor> outputs, int[] counts) {
    long all = java.util.Arrays.stream(counts).sum();
    var parts = new ArrayList<List<Tensor>>();
    for (int ignored : counts) {
      parts.add(new ArrayList<>());
    }
    for (Tensor output : outputs) {
      if (output.shape().rank() == 0 || output.shape().dimensions().getFirst() != all) {
        return Optional.empty();
      }
      int from = 0;
      for (int i = 0; i < counts.length; i++) {
        parts.get(i).add(part(output, from, counts[i], all));
        from += counts[i];
      }
    }
    return Optional.of(parts);
  }

  private static Tensor part(Tensor output, int from, int count, long all) {
    Shape shape = of(count, tail(output.shape()));
    return switch (output) {
      case Tensor.Strings strings -> {
        int each = (int) (strings.elements().size() / all);
        yield new Tensor.Strings(
            strings.name(), shape, strings.elements().subList(from * each, (from + count) * each));
      }
      case Tensor.Numbers numbers -> {
        ByteBuffer data = numbers.data();
        int each = (int) (data.remaining() / all);
        yield new Tensor.Numbers(
            numbers.name(), numbers.datatype(), shape, data.slice(from * each, count * each));
      }
    };
  }
}
