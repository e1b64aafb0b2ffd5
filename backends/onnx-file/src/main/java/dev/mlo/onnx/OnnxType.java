package dev.mlo.onnx;

import dev.mlo.contract.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The type an ONNX model declares for a value (`TypeProto` of onnx.proto), written as the engine
/// writes it.
sealed interface OnnxType {
  /// @param shape `null`: the model does not even say how many dimensions
  record Tensor(int elementType, @Nullable Shape shape) implements OnnxType {
    @Override
    public String toString() {
      return "tensor(" + elementName(elementType) + ")";
    }
  }

  record Sequence(OnnxType element) implements OnnxType {
    @Override
    public String toString() {
      return "seq(" + element + ")";
    }
  }

  record Mapping(int keyType, OnnxType value) implements OnnxType {
    @Override
    public String toString() {
      return "map(" + elementName(keyType) + "," + value + ")";
    }
  }

  /// Anything else, named as ONNX writes it.
  record Other(String name) implements OnnxType {
    @Override
    public String toString() {
      return name;
    }
  }

  /// The file says nothing.
  OnnxType NONE = new Other("no type");

  /// The names of `TensorProto.DataType`, by number.
  List<String> ELEMENTS =
      List.of(
          "undefined",
          "float",
          "uint8",
          "int8",
          "uint16",
          "int16",
          "int32",
          "int64",
          "string",
          "bool",
          "float16",
          "double",
          "uint32",
          "uint64",
          "complex64",
          "complex128",
          "bfloat16",
          "float8e4m3fn",
          "float8e4m3fnuz",
          "float8e5m2",
          "float8e5m2fnuz",
          "uint4",
          "int4",
          "float4e2m1",
          "float8e8m0",
          "uint2",
          "int2");

  static String elementName(int type) {
    return type >= 0 && type < ELEMENTS.size() ? ELEMENTS.get(type) : "datatype " + type;
  }
}
