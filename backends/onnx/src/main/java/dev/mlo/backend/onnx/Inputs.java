package dev.mlo.backend.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.mlo.backend.InferenceException;
import dev.mlo.contract.Tensor;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The inputs of one inference in the engine's memory.
final class Inputs implements AutoCloseable {
  /// Bytes; what the engine's vector instructions like best.
  static final long ALIGNMENT = 64;

  private final Arena memory = Arena.ofConfined();
  private final OrtEnvironment environment;
  private final Unsigned unsigned;
  private final Map<String, OnnxTensor> tensors = new HashMap<>();
  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  private Inputs(OrtEnvironment environment, Unsigned unsigned) {
    this.environment = environment;
    this.unsigned = unsigned;
  }

  static Inputs of(OrtEnvironment environment, Unsigned unsigned, List<Tensor> tensors)
      throws OrtException, InferenceException {
    var inputs = new Inputs(environment, unsigned);
    try {
      for (Tensor tensor : tensors) {
        inputs.add(tensor);
      }
      return inputs;
    } catch (OrtException | InferenceException | RuntimeException e) {
      inputs.close();
      throw e;
    }
  }

  Map<String, OnnxTensor> tensors() {
    return tensors;
  }

  private void add(Tensor tensor) throws OrtException, InferenceException {
    OnnxTensor made =
        switch (tensor) {
          case Tensor.Numbers numbers -> numbers(numbers);
          case Tensor.Strings strings ->
              keep(OnnxTensor.createTensor(environment, text(strings), strings.shape().toArray()));
        };
    tensors.put(tensor.name(), made);
  }

  private OnnxTensor numbers(Tensor.Numbers tensor) throws OrtException {
    OnnxTensor made =
        keep(
            OnnxTensor.createTensor(
                environment,
                offHeap(tensor.data()),
                tensor.shape().toArray(),
                ElementType.carrier(tensor.datatype())));
    if (!Unsigned.isWide(tensor.datatype())) {
      return made;
    }
    OrtSession.Result cast = keep(unsigned.cast(tensor.datatype(), made));
    return (OnnxTensor) cast.get(0);
  }

  /// The engine reads these bytes where they are. They are freed with the inputs, not by the
  /// garbage collector: a burst of large requests must not run into the limit of direct buffers.
  private ByteBuffer offHeap(ByteBuffer data) {
    if (data.isDirect()) {
      return data;
    }
    ByteBuffer copy = memory.allocate(data.remaining(), ALIGNMENT).asByteBuffer();
    return copy.put(data).flip().order(ByteOrder.nativeOrder());
  }

  private <T extends AutoCloseable> T keep(T resource) {
    open.push(resource);
    return resource;
  }

  /// The engine's strings are text.
  private static String[] text(Tensor.Strings tensor) throws InferenceException {
    var text = new String[tensor.elements().size()];
    for (int i = 0; i < text.length; i++) {
      try {
        ByteBuffer bytes = ByteBuffer.wrap(tensor.elements().get(i));
        text[i] = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
      } catch (CharacterCodingException e) {
        throw new InferenceException(
            "input `%s`: element %d is not UTF-8 text".formatted(tensor.name(), i), true, e);
      }
    }
    return text;
  }

  @Override
  public void close() {
    while (!open.isEmpty()) {
      OnnxSession.close(open.pop());
    }
    memory.close();
  }
}
