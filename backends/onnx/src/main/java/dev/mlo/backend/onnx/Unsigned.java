package dev.mlo.backend.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.mlo.contract.DataType;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;

/// Makes tensors of UINT16, UINT32 and UINT64, for which the engine's Java interface has no way: a
/// model of one `Cast` node turns the signed integers of the same bits into them.
final class Unsigned implements AutoCloseable {
  private final Map<DataType, OrtSession> casts = new EnumMap<>(DataType.class);

  /// Prepares for the datatypes that a model takes; others are ignored.
  Unsigned(OrtEnvironment environment, Set<DataType> datatypes) throws OrtException {
    try (var options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      for (DataType type : datatypes) {
        if (isWide(type)) {
          casts.put(type, environment.createSession(model(type), options));
        }
      }
    } catch (OrtException e) {
      close();
      throw e;
    }
  }

  static boolean isWide(DataType type) {
    return type == DataType.UINT16 || type == DataType.UINT32 || type == DataType.UINT64;
  }

  /// The same bits as an unsigned type.
  ///
  /// @param signed is read, not closed
  /// @return the tensor and what closes it
  OrtSession.Result cast(DataType type, OnnxTensor signed) throws OrtException {
    OrtSession session = casts.get(type);
    if (session == null) {
      throw new IllegalArgumentException("the model takes no " + type);
    }
    return session.run(Map.of("x", signed));
  }

  @Override
  public void close() {
    for (OrtSession session : casts.values()) {
      OnnxSession.close(session);
    }
  }

  /// A `ModelProto` of format version 8 and operator set 13: `y = Cast(x)`, both of any shape.
  private static byte[] model(DataType type) {
    int unsigned = elementType(type);
    int signed =
        type == DataType.UINT16
            ? elementType(DataType.INT16)
            : type == DataType.UINT32 ? elementType(DataType.INT32) : elementType(DataType.INT64);
    String attribute = message(0x0a, text("to")) + number(0x18, unsigned) + number(0xa0, 0x01, 2);
    String node =
        message(0x0a, text("x"))
            + message(0x12, text("y"))
            + message(0x22, text("Cast"))
            + message(0x2a, attribute);
    String graph =
        message(0x0a, node)
            + message(0x12, text("cast"))
            + message(0x5a, value("x", signed))
            + message(0x62, value("y", unsigned));
    String model = number(0x08, 8) + message(0x3a, graph) + message(0x42, number(0x10, 13));
    return HexFormat.of().parseHex(model);
  }

  /// The number of `TensorProto.DataType`.
  private static int elementType(DataType type) {
    return switch (type) {
      case UINT16 -> 4;
      case INT16 -> 5;
      case INT32 -> 6;
      case INT64 -> 7;
      case UINT32 -> 12;
      case UINT64 -> 13;
      case BOOL, UINT8, INT8, FP16, FP32, FP64, BYTES ->
          throw new IllegalArgumentException("no cast makes " + type);
    };
  }

  /// A `ValueInfoProto` of a tensor without a shape.
  private static String value(String name, int elementType) {
    return message(0x0a, text(name)) + message(0x12, message(0x0a, number(0x08, elementType)));
  }

  private static String text(String value) {
    return HexFormat.of().formatHex(value.getBytes(StandardCharsets.UTF_8));
  }

  /// A field whose tag is one byte and whose value is bytes, in hex.
  private static String message(int tag, String hex) {
    return number(tag, hex.length() / 2) + hex;
  }

  /// Bytes, each below 128 or part of a longer number, in hex.
  private static String number(int... bytes) {
    var hex = new StringBuilder();
    for (int b : bytes) {
      hex.append(HexFormat.of().toHexDigits((byte) b));
    }
    return hex.toString();
  }
}
