package dev.mlo.contract;

import java.util.Locale;

/// The thirteen tensor datatypes of the Open Inference Protocol.
public enum DataType {
  BOOL(1),
  UINT8(1),
  UINT16(2),
  UINT32(4),
  UINT64(8),
  INT8(1),
  INT16(2),
  INT32(4),
  INT64(8),
  FP16(2),
  FP32(4),
  FP64(8),
  /// Text or binary strings of any length, one an element.
  BYTES(0);

  private final int width;

  DataType(int width) {
    this.width = width;
  }

  /// Bytes an element takes; 0 where elements have lengths of their own.
  public int width() {
    return width;
  }

  /// @throws IllegalArgumentException when the protocol has no such datatype
  public static DataType parse(String name) {
    for (DataType type : values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    throw new IllegalArgumentException(
        "`%s` is no datatype: expected one of BOOL, UINT8 to UINT64, INT8 to INT64, FP16, FP32,"
                .formatted(name)
            + " FP64, BYTES"
            + (name.toUpperCase(Locale.ROOT).contains("FLOAT") ? " (float is FP32)" : ""));
  }
}
