package dev.mlo.backend.onnx;

import dev.mlo.contract.DataType;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Tensor;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/// Reads the tensors of reference answers (`TensorProto` of onnx.proto).
final class TensorProto {
  private final ByteBuffer in;
  private final List<Long> dims = new ArrayList<>();
  private final ByteArrayOutputStream typed = new ByteArrayOutputStream();
  private final List<byte[]> strings = new ArrayList<>();
  private int type;
  private byte[] raw = new byte[0];

  private TensorProto(byte[] bytes) {
    in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  static Tensor read(byte[] bytes, String name) {
    return new TensorProto(bytes).tensor(name);
  }

  private Tensor tensor(String name) {
    while (in.hasRemaining()) {
      long tag = varint();
      field((int) (tag >>> 3), (int) (tag & 7));
    }
    DataType datatype =
        switch (type) {
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
          default -> throw new IllegalArgumentException("element type " + type);
        };
    Shape shape = new Shape(dims);
    if (datatype == DataType.BYTES) {
      return new Tensor.Strings(name, shape, strings);
    }
    byte[] data = raw.length > 0 ? raw : typed.toByteArray();
    return new Tensor.Numbers(name, datatype, shape, ByteBuffer.wrap(data));
  }

  private void field(int number, int wire) {
    switch (wire) {
      case 0 -> scalar(number, varint());
      case 2 -> {
        byte[] bytes = new byte[(int) varint()];
        in.get(bytes);
        block(number, bytes);
      }
      case 5 -> put(in.getInt(), 4);
      case 1 -> put(in.getLong(), 8);
      default -> throw new IllegalArgumentException("wire type " + wire);
    }
  }

  private void scalar(int number, long value) {
    switch (number) {
      case 1 -> dims.add(value);
      case 2 -> type = (int) value;
      default -> element(number, value);
    }
  }

  private void block(int number, byte[] bytes) {
    switch (number) {
      case 1, 5, 7, 11 -> packed(number, bytes);
      case 4, 10 -> typed.writeBytes(bytes);
      case 6 -> strings.add(bytes);
      case 9 -> raw = bytes;
      default -> {}
    }
  }

  private void packed(int number, byte[] bytes) {
    TensorProto inner = new TensorProto(bytes);
    while (inner.in.hasRemaining()) {
      long value = inner.varint();
      if (number == 1) {
        dims.add(value);
      } else {
        element(number, value);
      }
    }
  }

  /// int32_data holds every type of at most 32 bits; the type comes before the data.
  private void element(int number, long value) {
    int width =
        switch (number) {
          case 5 -> type == 6 ? 4 : type == 4 || type == 5 || type == 10 ? 2 : 1;
          case 7 -> 8;
          case 11 -> type == 12 ? 4 : 8;
          default -> 0;
        };
    put(value, width);
  }

  private void put(long value, int width) {
    for (int i = 0; i < width; i++) {
      typed.write((int) (value >>> (8 * i)));
    }
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      byte b = in.get();
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
  }
}
