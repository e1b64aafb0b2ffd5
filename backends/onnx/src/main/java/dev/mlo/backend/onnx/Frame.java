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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The tensors of an inference, made before it: inputs to be filled and outputs the engine writes
/// into. One inference uses it at a time.
final class Frame implements AutoCloseable {
  private final Frames.Kind kind;
  private final Arena memory = Arena.ofShared();

  /// By name: the engine's tensors, and where their bytes lie. An input and an output may have one
  /// name.
  private final Map<String, OnnxTensor> inputs = new HashMap<>();

  private final Map<String, ByteBuffer> inputBytes = new HashMap<>();
  private final Map<String, OnnxTensor> outputs = new LinkedHashMap<>();
  private final Map<String, ByteBuffer> outputBytes = new HashMap<>();

  private Frame(Frames.Kind kind) {
    this.kind = kind;
  }

  static Frame of(OrtEnvironment environment, Frames.Kind kind) throws OrtException {
    var frame = new Frame(kind);
    try {
      for (TensorSpec input : kind.inputs().values()) {
        frame.place(environment, input, frame.inputs, frame.inputBytes);
      }
      for (TensorSpec output : kind.outputs()) {
        frame.place(environment, output, frame.outputs, frame.outputBytes);
      }
      return frame;
    } catch (OrtException | RuntimeException e) {
      frame.close();
      throw e;
    }
  }

  private void place(
      OrtEnvironment environment,
      TensorSpec spec,
      Map<String, OnnxTensor> tensors,
      Map<String, ByteBuffer> places)
      throws OrtException {
    ByteBuffer bytes =
        memory
            .allocate(Frames.bytes(spec), Inputs.ALIGNMENT)
            .asByteBuffer()
            .order(ByteOrder.nativeOrder());
    tensors.put(
        spec.name(),
        OnnxTensor.createTensor(
            environment, bytes, spec.shape().toArray(), ElementType.carrier(spec.datatype())));
    places.put(spec.name(), bytes);
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
        bytes(inputBytes, numbers.name()).put(numbers.data());
      }
    }
  }

  /// Writes into each byte of the outputs what it must not be afterwards, so that whatever the
  /// engine does not write is found out.
  ///
  /// @param answers the right ones, of the kind's names, datatypes and shapes
  void spoil(List<Tensor> answers) {
    for (Tensor answer : answers) {
      if (answer instanceof Tensor.Numbers numbers) {
        ByteBuffer right = numbers.data();
        ByteBuffer bytes = bytes(outputBytes, numbers.name());
        while (right.hasRemaining()) {
          bytes.put((byte) ~right.get());
        }
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
      ByteBuffer bytes = bytes(outputBytes, output.name());
      ByteBuffer copy = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
      answers.add(new Tensor.Numbers(output.name(), output.datatype(), output.shape(), copy));
    }
    return answers;
  }

  /// A view with a position of its own.
  private static ByteBuffer bytes(Map<String, ByteBuffer> places, String name) {
    @Nullable ByteBuffer bytes = places.get(name);
    if (bytes == null) {
      throw new IllegalArgumentException("no tensor `" + name + "` is of this kind");
    }
    return bytes.duplicate();
  }

  /// @implNote nobody infers with it any more
  @Override
  public void close() {
    inputs.values().forEach(OnnxSession::close);
    outputs.values().forEach(OnnxSession::close);
    memory.close();
  }
}
