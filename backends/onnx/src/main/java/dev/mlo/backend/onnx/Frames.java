package dev.mlo.backend.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Keeps what quick inferences of the same shapes share: to make tensors for the engine, and to
/// turn its answers into objects, takes longer than a small model.
///
/// The shapes of the outputs are those of the inference before. The engine refuses to write an
/// output of another shape; and a kind is used once an inference of it has answered what the engine
/// answers by itself into memory where each byte was wrong: outputs that it does not write but
/// hands on, as a constant or an input may be, are found out so. Then, and whenever this fails, the
/// session goes on without.
final class Frames implements AutoCloseable {
  /// Bytes of one frame: to copy more costs more than to make tensors.
  private static final long SMALL = 64 << 10;

  /// The shapes of inferences that are alike.
  ///
  /// @param inputs by name, of concrete shapes
  /// @param wanted as the signature has them
  /// @param outputs the same, of concrete shapes
  record Kind(Map<String, TensorSpec> inputs, List<TensorSpec> wanted, List<TensorSpec> outputs) {
    boolean takes(List<Tensor> tensors, List<TensorSpec> outputs) {
      if (tensors.size() != inputs.size() || !wanted.equals(outputs)) {
        return false;
      }
      for (Tensor tensor : tensors) {
        @Nullable TensorSpec known = inputs.get(tensor.name());
        if (known == null
            || known.datatype() != tensor.datatype()
            || !known.shape().equals(tensor.shape())) {
          return false;
        }
      }
      return true;
    }
  }

  /// @param idle the frames of this kind that nobody uses at the moment
  private record Stock(Kind kind, Pool<Frame> idle) {}

  private final OrtEnvironment environment;
  private volatile @Nullable Stock stock;
  private volatile @Nullable Kind last;
  private volatile boolean givenUp;

  Frames(OrtEnvironment environment) {
    this.environment = environment;
  }

  /// A frame for these, where they are as the ones before; to be given back.
  @Nullable Frame take(List<Tensor> inputs, List<TensorSpec> wanted) throws OrtException {
    @Nullable Stock current = stock;
    if (current == null || !current.kind.takes(inputs, wanted)) {
      return null;
    }
    @Nullable Frame frame = current.idle.poll();
    return frame == null ? Frame.of(environment, current.kind) : frame;
  }

  void giveBack(Frame frame) {
    @Nullable Stock current = stock;
    if (current != null && current.kind.equals(frame.kind())) {
      current.idle.add(frame);
    } else {
      frame.close();
    }
  }

  /// Tells of a quick inference without a frame.
  ///
  /// @return its kind, when it is the second of that kind in a row: to be proved, then [#use]d
  @Nullable Kind seen(List<Tensor> inputs, List<TensorSpec> wanted, List<Tensor> answers) {
    if (givenUp || !isSmall(inputs, answers)) {
      return null;
    }
    @Nullable Kind before = last;
    if (before != null && before.takes(inputs, wanted) && before.outputs.equals(specs(answers))) {
      return before;
    }
    var byName = new HashMap<String, TensorSpec>();
    inputs.forEach(input -> byName.put(input.name(), input.spec()));
    last = new Kind(Map.copyOf(byName), wanted, specs(answers));
    return null;
  }

  private static List<TensorSpec> specs(List<Tensor> tensors) {
    return tensors.stream().map(Tensor::spec).toList();
  }

  private static boolean isSmall(List<Tensor> inputs, List<Tensor> answers) {
    var all = new ArrayList<>(inputs);
    all.addAll(answers);
    long bytes = 0;
    for (Tensor tensor : all) {
      boolean fits =
          tensor instanceof Tensor.Numbers numbers
              && numbers.data().hasRemaining()
              && !Unsigned.isWide(tensor.datatype());
      bytes += fits ? bytes(tensor.spec()) : SMALL + 1;
    }
    return bytes <= SMALL;
  }

  /// @param spec of a concrete shape, not BYTES
  static long bytes(TensorSpec spec) {
    return Math.multiplyExact(spec.shape().elements(), (long) spec.datatype().width());
  }

  /// Inferences of this kind have frames from now on.
  ///
  /// @param frame the first
  synchronized void use(Frame frame) {
    @Nullable Stock before = stock;
    if (givenUp) {
      frame.close();
      return;
    }
    var next = new Stock(frame.kind(), new Pool<>());
    next.idle.add(frame);
    stock = next;
    if (before != null) {
      before.idle.close();
    }
  }

  /// The model does not answer into memory it is given.
  synchronized void giveUp() {
    givenUp = true;
    @Nullable Stock before = stock;
    stock = null;
    if (before != null) {
      before.idle.close();
    }
  }

  /// @implNote nobody infers any more
  @Override
  public void close() {
    giveUp();
  }
}
