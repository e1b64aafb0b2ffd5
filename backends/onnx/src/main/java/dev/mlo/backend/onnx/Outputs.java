package dev.mlo.backend.onnx;

import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxSequence;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorSpec;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// Takes the engine's answers out of its memory.
final class Outputs {
  /// As C++ orders the labels of a map: numbers by value, text by its UTF-8 bytes.
  private static final Comparator<Object> BY_LABEL =
      (a, b) ->
          a instanceof Long x && b instanceof Long y
              ? Long.compare(x, y)
              : Arrays.compareUnsigned(bytes(a.toString()), bytes(b.toString()));

  private Outputs() {}

  /// @param spec as the signature has it
  static Tensor take(TensorSpec spec, OnnxValue value) throws OrtException {
    return switch (value) {
      case OnnxTensor tensor -> tensor(spec.name(), tensor);
      case OnnxSequence sequence -> rows(spec, sequence);
      default -> throw new OrtException("output `" + spec.name() + "` is " + value.getType());
    };
  }

  private static Tensor tensor(String name, OnnxTensor value) throws OrtException {
    Shape shape = Shape.of(value.getInfo().getShape());
    DataType type =
        ElementType.of(value.getInfo().onnxType)
            .orElseThrow(() ->
                new OrtException(
                    "output `%s` has elements of type %s"
                        .formatted(name, ElementType.name(value.getInfo().onnxType))));
    if (type == DataType.BYTES) {
      var elements = new ArrayList<byte[]>();
      if (shape.elements() > 0) {
        flatten(value.getValue(), elements);
      }
      return new Tensor.Strings(name, shape, elements);
    }
    long bytes = Math.multiplyExact(shape.elements(), (long) type.width());
    if (bytes > Integer.MAX_VALUE) {
      throw new OrtException(
          "output `%s` has %d bytes; more than 2 GiB cannot be answered".formatted(name, bytes));
    }
    ByteBuffer data = bytes == 0 ? ByteBuffer.allocate(0) : value.getByteBuffer();
    return new Tensor.Numbers(name, type, shape, data);
  }

  private static void flatten(Object value, List<byte[]> elements) {
    if (value instanceof String text) {
      elements.add(bytes(text));
      return;
    }
    for (int i = 0; i < Array.getLength(value); i++) {
      flatten(Array.get(value, i), elements);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// A list of maps from label to number, one an example, as an FP32 tensor: one column a label in
  /// ascending order. Classic classifiers end with it (operator `ZipMap`).
  private static Tensor rows(TensorSpec spec, OnnxSequence sequence) throws OrtException {
    String name = spec.name();
    if (sequence.getInfo().length == 0) {
      return noRows(spec);
    }
    List<? extends OnnxValue> values = sequence.getValue();
    try {
      var rows = new ArrayList<Map<?, ?>>();
      for (OnnxValue value : values) {
        if (!(value instanceof OnnxMap map)) {
          throw new OrtException("output `" + name + "` is a list of " + value.getType());
        }
        rows.add(map.getValue());
      }
      return rows(name, rows);
    } finally {
      values.forEach(OnnxSession::close);
    }
  }

  /// With as many columns as the model has labels, where that is known.
  private static Tensor noRows(TensorSpec spec) {
    long columns = spec.shape().rank() == 2 ? Math.max(0, spec.shape().dimensions().get(1)) : 0;
    return new Tensor.Numbers(
        spec.name(), DataType.FP32, Shape.of(0, columns), ByteBuffer.allocate(0));
  }

  private static Tensor rows(String name, List<? extends Map<?, ?>> rows) throws OrtException {
    List<Object> labels =
        rows.getFirst().keySet().stream().<Object>map(key -> key).sorted(BY_LABEL).toList();
    ByteBuffer data =
        ByteBuffer.allocate(Math.multiplyExact(4, Math.multiplyExact(rows.size(), labels.size())))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (Map<?, ?> row : rows) {
      if (row.size() != labels.size()) {
        throw new OrtException("output `" + name + "` has maps of different labels");
      }
      for (Object label : labels) {
        if (!(row.get(label) instanceof Float number)) {
          throw new OrtException("output `" + name + "` has maps of different labels");
        }
        data.putFloat(number);
      }
    }
    return new Tensor.Numbers(
        name, DataType.FP32, Shape.of(rows.size(), labels.size()), data.flip());
  }
}
