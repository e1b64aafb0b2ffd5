package dev.mlo.backend.onnx;

import ai.onnxruntime.MapInfo;
import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.SequenceInfo;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.TensorInfo.OnnxTensorType;
import dev.mlo.backend.ModelException;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Shape;
import dev.mlo.contract.TensorSpec;
import java.util.Arrays;
import java.util.Optional;

/// Types of ONNX Runtime as datatypes of the Open Inference Protocol, and back.
final class Types {
  private Types() {}

  static TensorSpec input(NodeInfo node) throws ModelException {
    if (node.getInfo() instanceof TensorInfo tensor) {
      return spec(node.getName(), tensor);
    }
    throw new ModelException(
        "input `%s` is %s; only tensors can be sent".formatted(node.getName(), node.getInfo()));
  }

  static TensorSpec output(NodeInfo node) throws ModelException {
    return switch (node.getInfo()) {
      case TensorInfo tensor -> spec(node.getName(), tensor);
      case SequenceInfo sequence when isZipMap(sequence) ->
          new TensorSpec(node.getName(), DataType.FP32, Shape.of(-1, -1));
      default ->
          throw new ModelException(
              "output `%s` is %s, which has no tensor form"
                  .formatted(node.getName(), node.getInfo()));
    };
  }

  private static boolean isZipMap(SequenceInfo sequence) {
    if (!sequence.isSequenceOfMaps()) {
      return false;
    }
    MapInfo map = sequence.mapInfo;
    return map.valueType == OnnxJavaType.FLOAT
        && (map.keyType == OnnxJavaType.INT64 || map.keyType == OnnxJavaType.STRING);
  }

  private static TensorSpec spec(String name, TensorInfo tensor) throws ModelException {
    DataType datatype =
        datatype(tensor.onnxType)
            .orElseThrow(() ->
                new ModelException(
                    "`%s` has the type %s, which the protocol cannot carry"
                        .formatted(name, tensor.onnxType)));
    long[] shape = Arrays.stream(tensor.getShape()).map(length -> Math.max(length, -1)).toArray();
    return new TensorSpec(name, datatype, Shape.of(shape));
  }

  static Optional<DataType> datatype(OnnxTensorType type) {
    return Optional.ofNullable(
        switch (type) {
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> DataType.BOOL;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 -> DataType.UINT8;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16 -> DataType.UINT16;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32 -> DataType.UINT32;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64 -> DataType.UINT64;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8 -> DataType.INT8;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16 -> DataType.INT16;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> DataType.INT32;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> DataType.INT64;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 -> DataType.FP16;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> DataType.FP32;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> DataType.FP64;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING -> DataType.BYTES;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED,
              ONNX_TENSOR_ELEMENT_DATA_TYPE_COMPLEX64,
              ONNX_TENSOR_ELEMENT_DATA_TYPE_COMPLEX128,
              ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16,
              ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E4M3FN,
              ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E4M3FNUZ,
              ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E5M2,
              ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT8E5M2FNUZ ->
              null;
        });
  }
}
