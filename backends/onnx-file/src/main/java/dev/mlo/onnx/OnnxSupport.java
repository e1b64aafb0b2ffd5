package dev.mlo.onnx;

import dev.mlo.contract.DataType;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What ONNX Runtime 1.29.0 takes, found by loading one-node models of every version into it; an
/// acceptance test repeats that.
final class OnnxSupport {
  static final long MAX_IR_VERSION = 13;

  /// What a file of protobuf can be at most; larger models keep their weights outside.
  static final long MAX_FILE = Integer.MAX_VALUE;

  /// Below this the engine promises nothing and mostly works.
  static final long GUARANTEED_OPERATOR_SET = 7;

  static final String MAIN = "ai.onnx";

  /// The newest operator set of each domain the engine has operators of.
  static final Map<String, Long> OPERATOR_SETS =
      Map.of(
          MAIN,
          26L,
          "ai.onnx.ml",
          5L,
          "ai.onnx.preview",
          1L,
          "ai.onnx.preview.training",
          1L,
          "ai.onnx.training",
          1L,
          "com.microsoft",
          1L,
          "com.microsoft.experimental",
          1L,
          "com.microsoft.nchwc",
          1L);

  private OnnxSupport() {}

  static String canonicalDomain(String domain) {
    return domain.isEmpty() ? MAIN : domain;
  }

  /// Whether there is such a set, as far as the domain is known.
  static boolean has(String domain, long version) {
    return version >= 1 && version <= OPERATOR_SETS.getOrDefault(domain, Long.MAX_VALUE);
  }

  /// `null`: the Open Inference Protocol has no such datatype.
  static @Nullable DataType datatype(int elementType) {
    return switch (elementType) {
      case 1 -> DataType.FP32;
      case 2 -> DataType.UINT8;
      case 3 -> DataType.INT8;
      case 4 -> DataType.UINT16;
      case 5 -> DataType.INT16;
      case 6 -> DataType.INT32;
      case 7 -> DataType.INT64;
      case 8 -> DataType.BYTES;
      case 9 -> DataType.BOOL;
      case 10 -> DataType.FP16;
      case 11 -> DataType.FP64;
      case 12 -> DataType.UINT32;
      case 13 -> DataType.UINT64;
      default -> null;
    };
  }

  /// The bytes of a tensor, -1 where its elements are no whole bytes or of no fixed length.
  static long bytes(int elementType, List<Long> dimensions) {
    DataType datatype = datatype(elementType);
    if (datatype == null || datatype == DataType.BYTES) {
      return -1;
    }
    long product = datatype.width();
    try {
      for (long length : dimensions) {
        product = Math.multiplyExact(product, length);
      }
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE;
    }
    return Math.max(-1, product);
  }
}
