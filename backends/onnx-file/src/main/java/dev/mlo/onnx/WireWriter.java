package dev.mlo.onnx;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Writes protobuf messages, field by field, as [WireReader] reads them.
final class WireWriter {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  WireWriter number(int field, long value) {
    return varint((long) field << 3).varint(value);
  }

  WireWriter text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  WireWriter message(int field, WireWriter value) {
    return bytes(field, value.bytes());
  }

  WireWriter bytes(int field, byte[] value) {
    varint((long) field << 3 | 2).varint(value.length);
    out.writeBytes(value);
    return this;
  }

  /// The fields of another message.
  WireWriter raw(WireWriter fields) {
    out.writeBytes(fields.bytes());
    return this;
  }

  /// A bare number, without its field.
  WireWriter varint(long value) {
    long rest = value;
    for (; (rest & ~0x7FL) != 0; rest >>>= 7) {
      out.write((int) ((rest & 0x7F) | 0x80));
    }
    out.write((int) rest);
    return this;
  }

  int length() {
    return out.size();
  }

  byte[] bytes() {
    return out.toByteArray();
  }
}
