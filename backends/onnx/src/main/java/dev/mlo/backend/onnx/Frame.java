package dev.mlo.backend.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorSpec;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The tensors of an inference, made before it: inputs to be filled and outputs the engine writes
/// into. One inference uses it at a time.
final class Frame implements AutoCloseable {
  /// A tensor of the engine's and where its bytes lie.
  private record Place(OnnxTensor tensor, ByteBuffer bytes) {}

  private final Frames.Kind kind;
  private final Arena memory = Arena.ofShared();
  private final Map<String, Place> places = new HashMap<>();
  private final Map<String, OnnxTensor> inputs = new HashMap<>();
  private final Map<String, OnnxTensor> outputs = new HashMap<>();

  private Frame(Frames.Kind kind) {
    this.kind = kind;
  }

  static Frame of(OrtEnvironment environment, Frames.Kind kind) throws OrtException {
    var frame = new Frame(kind);
    try {
      for (TensorSpec input : kind.inputs().values()) {
        frame.inputs.put(input.name(), frame.place(environment, input));
      }
      for (TensorSpec output : kind.outputs()) {
        frame.outputs.put(output.name(), frame.place(environment, output));
      }
      return frame;
    } catch (OrtException | RuntimeException e) {
      frame.close();
      throw e;
    }
  }

  private OnnxTensor place(OrtEnvironment environment, TensorSpec spec) throws OrtException {
    ByteBuffer bytes =
        memory
            .allocate(Frames.bytes(spec), Inputs.ALIGNMENT)
            .asByteBuffer()
            .order(ByteOrder.nativeOrder());
    OnnxTensor tensor =
        OnnxTensor.createTensor(
            environment, bytes, spec.shape().toArray(), ElementType.carrier(spec.datatype()));
    places.put(spec.name(), new Place(tensor, bytes));
    return tensor;
  }

  Frames.Kind kind() {
    return kind;
  }

  /// Writes the inputs into the engine's memory.
  ///
  /// @param tensors of the kind's names, datatypes and shapes
  void fill(List<Tensor> tensors) {
    for (Tensor tensor : tensors) {
      if (tensor instanceof Tensor.Numbers numbers) {
        bytes(numbers.name()).put(numbers.data());
      }
    }
  }

  /// Overwrites the outputs with what no model answers, so that an output the engine did not write
  /// is found out.
  void spoil() {
    for (TensorSpec output : kind.outputs()) {
      ByteBuffer bytes = bytes(output.name());
      while (bytes.hasRemaining()) {
        bytes.put((byte) 0xa5);
      }
    }
  }

  Map<String, OnnxTensor> inputs() {
    return inputs;
  }

  Map<String, OnnxTensor> outputs() {
    return outputs;
  }

  /// What the engine wrote, in memory of its own.
  List<Tensor> answers() {
    var answers = new ArrayList<Tensor>(kind.outputs().size());
    for (TensorSpec output : kind.outputs()) {
      ByteBuffer bytes = bytes(output.name());
      ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
      answers.add(new Tensor.Numbers(output.name(), output.datatype(), output.shape(), copy));
    }
    return answers;
  }

  /// A view with a position of its own.
  private ByteBuffer bytes(String name) {
    @Nullable Place place = places.get(name);
    if (place == null) {
      throw new IllegalArgumentException("no tensor `" + name + "` is of this kind");
    }
    return place.bytes().duplicate();
  }

  /// @implNote nobody infers with it any more
  @Override
  public void close() {
    places.values().forEach(place -> OnnxSession.close(place.tensor()));
    memory.close();
  }
}
