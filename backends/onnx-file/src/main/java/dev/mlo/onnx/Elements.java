package dev.mlo.onnx;

/// What is known of the elements of a value.
///
/// @param type a number of `TensorProto.DataType`; [#UNKNOWN] when the file does not say
/// @param least no whole number among them is less
record Elements(int type, long least) {
  static final int UNKNOWN = 0;
  static final int FLOAT = 1;
  static final int INT32 = 6;
  static final int INT64 = 7;
  static final int BOOL = 9;
  static final int DOUBLE = 11;

  static final Elements NOTHING = of(UNKNOWN);

  static Elements of(int type) {
    return new Elements(type, Long.MIN_VALUE);
  }

  /// Whether the processor divides them as whole numbers of its own width, or may.
  boolean mayBeWhole() {
    return type == INT32 || type == INT64 || type == UNKNOWN;
  }
}
