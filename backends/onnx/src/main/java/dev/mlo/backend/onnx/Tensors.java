package dev.mlo.backend.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxSequence;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo.OnnxTensorType;
import dev.mlo.backend.ModelException;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Carries tensors into ONNX Runtime and out of it, as bytes.
record Tensors(OrtEnvironment environment, UnsignedTensor unsigned) {
  static Tensors of(OrtEnvironment environment) throws ModelException {
    try {
      return new Tensors(environment, UnsignedTensor.of(environment));
    } catch (ReflectiveOperationException e) {
      throw new ModelException("this ONNX Runtime is not the one that mlo was made for", e);
    }
  }

  /// @return a tensor that the caller closes
  OnnxTensor give(Tensor tensor) throws OrtException {
    long[] shape = tensor.shape().toArray();
    return switch (tensor) {
      case Tensor.Strings strings -> {
        String[] text =
            strings.elements().stream()
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .toArray(String[]::new);
        yield OnnxTensor.createTensor(environment, text, shape);
      }
      case Tensor.Numbers numbers -> give(numbers, shape);
    };
  }

  private OnnxTensor give(Tensor.Numbers numbers, long[] shape) throws OrtException {
    ByteBuffer data = direct(numbers.data());
    return switch (numbers.datatype()) {
      case BOOL -> OnnxTensor.createTensor(environment, data, shape, OnnxJavaType.BOOL);
      case UINT8 -> OnnxTensor.createTensor(environment, data, shape, OnnxJavaType.UINT8);
      case INT8 -> OnnxTensor.createTensor(environment, data, shape, OnnxJavaType.INT8);
      case INT16 -> OnnxTensor.createTensor(environment, data, shape, OnnxJavaType.INT16);
      case INT32 -> OnnxTensor.createTensor(environment, data, shape, OnnxJavaType.INT32);
      case INT64 -> OnnxTensor.createTensor(environment, data, shape, OnnxJavaType.INT64);
      case FP16 -> OnnxTensor.createTensor(environment, data, shape, OnnxJavaType.FLOAT16);
      case FP32 -> OnnxTensor.createTensor(environment, data, shape, OnnxJavaType.FLOAT);
      case FP64 -> OnnxTensor.createTensor(environment, data, shape, OnnxJavaType.DOUBLE);
      case UINT16 ->
          unsigned.create(data, shape, OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16);
      case UINT32 ->
          unsigned.create(data, shape, OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32);
      case UINT64 ->
          unsigned.create(data, shape, OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64);
      case BYTES -> throw new IllegalStateException("BYTES are no numbers");
    };
  }

  /// ONNX Runtime reads from direct memory in native order; every platform it runs on is
  /// little-endian.
  private static ByteBuffer direct(ByteBuffer data) {
    if (data.isDirect()) {
      return data.order(ByteOrder.nativeOrder());
    }
    ByteBuffer copy = ByteBuffer.allocateDirect(data.remaining()).order(ByteOrder.nativeOrder());
    return copy.put(data).flip();
  }

  Tensor take(String name, OnnxValue value) throws OrtException {
    return switch (value) {
      case OnnxTensor tensor -> take(name, tensor);
      case OnnxSequence sequence -> scores(name, sequence);
      default -> throw new IllegalStateException(name + " is " + value.getType());
    };
  }

  private static Tensor take(String name, OnnxTensor tensor) throws OrtException {
    Shape shape = Shape.of(tensor.getInfo().getShape());
    DataType datatype =
        Types.datatype(tensor.getInfo().onnxType)
            .orElseThrow(() -> new IllegalStateException(name + " is " + tensor.getInfo()));
    if (datatype == DataType.BYTES) {
      var elements = new ArrayList<byte[]>();
      if (shape.elements() > 0) {
        flatten(tensor.getValue(), elements);
      }
      return new Tensor.Strings(name, shape, elements);
    }
    ByteBuffer data = shape.elements() == 0 ? ByteBuffer.allocate(0) : tensor.getByteBuffer();
    return new Tensor.Numbers(name, datatype, shape, data.rewind());
  }

  private static void flatten(Object value, List<byte[]> elements) {
    if (value instanceof Object[] nested) {
      for (Object element : nested) {
        flatten(element, elements);
      }
    } else {
      elements.add(value.toString().getBytes(StandardCharsets.UTF_8));
    }
  }

  /// One row of scores for each map, in ascending order of the keys.
  private static Tensor scores(String name, OnnxSequence sequence) throws OrtException {
    var rows = new ArrayList<Map<Object, Object>>();
    for (OnnxValue element : sequence.getValue()) {
      rows.add(new TreeMap<>(((OnnxMap) element).getValue()));
    }
    int classes = rows.isEmpty() ? 0 : rows.getFirst().size();
    ByteBuffer data =
        ByteBuffer.allocate(rows.size() * classes * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (Map<Object, Object> row : rows) {
      row.values().forEach(score -> data.putFloat(((Number) score).floatValue()));
    }
    return new Tensor.Numbers(name, DataType.FP32, Shape.of(rows.size(), classes), data.flip());
  }
}
