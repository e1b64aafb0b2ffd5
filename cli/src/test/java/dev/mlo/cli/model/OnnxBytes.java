package dev.mlo.cli.model;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Writes ONNX files field by field, right ones and wrong ones.
final class OnnxBytes {
  static final int FLOAT = 1;
  static final int INT64 = 7;
  static final int STRING = 8;

  private OnnxBytes() {}

  static byte[] varint(long value) {
    var out = new ByteArrayOutputStream();
    long left = value;
    while ((left & ~0x7FL) != 0) {
      out.write((int) ((left & 0x7F) | 0x80));
      left >>>= 7;
    }
    out.write((int) left);
    return out.toByteArray();
  }

  static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  static byte[] number(int field, long value) {
    return join(varint((long) field << 3), varint(value));
  }

  static byte[] message(int field, byte[]... parts) {
    byte[] body = join(parts);
    return join(varint((long) field << 3 | 2), varint(body.length), body);
  }

  static byte[] text(int field, String text) {
    return message(field, text.getBytes(StandardCharsets.UTF_8));
  }

  static byte[] operatorSet(String domain, long version) {
    return message(8, text(1, domain), number(2, version));
  }

  /// A tensor type; -1 writes a named dimension.
  static byte[] tensorType(int element, long... lengths) {
    var dimensions = new byte[lengths.length][];
    for (int i = 0; i < lengths.length; i++) {
      dimensions[i] = message(1, lengths[i] < 0 ? text(2, "batch") : number(1, lengths[i]));
    }
    return message(1, number(1, element), message(2, dimensions));
  }

  static byte[] input(String name, byte[] type) {
    return message(11, text(1, name), message(2, type));
  }

  static byte[] output(String name, byte[] type) {
    return message(12, text(1, name), message(2, type));
  }

  static byte[] node(String domain, String type, byte[]... more) {
    return node(1, domain, type, more);
  }

  /// From `x` to `out-TYPE`.
  ///
  /// @param field 1 in a graph, 7 in a function
  static byte[] node(int field, String domain, String type, byte[]... more) {
    return message(
        field,
        text(1, "x"),
        text(2, "out-" + type),
        text(3, "node-1"),
        text(4, type),
        text(7, domain),
        join(more));
  }

  /// A node that makes a value from nothing.
  static byte[] source(String output) {
    return message(1, text(2, output), text(4, "RandomNormal"));
  }

  static byte[] graph(byte[]... parts) {
    return message(7, text(2, "g"), join(parts));
  }

  /// `x FP32[-1,2]` → `y FP32[-1,2]`
  static byte[] identityGraph(byte[]... more) {
    return graph(
        message(1, text(1, "x"), text(2, "y"), text(4, "Identity")),
        input("x", tensorType(FLOAT, -1, 2)),
        output("y", tensorType(FLOAT, -1, 2)),
        join(more));
  }

  static byte[] model(byte[]... parts) {
    return join(number(1, 8), join(parts));
  }

  static byte[] identity() {
    return model(identityGraph(), operatorSet("", 13));
  }

  /// An initializer of two floats whose elements lie in another file.
  static byte[] external(String name, String location, byte[]... entries) {
    return message(
        5,
        number(1, 2),
        number(2, FLOAT),
        text(8, name),
        entry("location", location),
        join(entries),
        number(14, 1));
  }

  static byte[] entry(String key, String value) {
    return message(13, text(1, key), text(2, value));
  }
}
