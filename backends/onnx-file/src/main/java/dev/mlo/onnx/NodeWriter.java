package dev.mlo.onnx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/// Writes nodes into the place before another one, each with one output of a name of its own
/// (<https://github.com/onnx/onnx/blob/main/onnx/onnx.proto> has the numbers).
final class NodeWriter {
  /// `AttributeProto.AttributeType`
  private static final int INT = 2;

  private static final int TENSOR = 4;

  private final NodeFields.Place before;
  private final WireWriter nodes = new WireWriter();
  private int written;

  /// @param before the node that takes what they make
  NodeWriter(NodeFields.Place before) {
    this.before = before;
  }

  /// @return the name of its result
  String add(String operator, String... inputs) {
    return add(operator, List.of(inputs), new WireWriter());
  }

  String cast(String value, int type) {
    WireWriter to = new WireWriter().text(1, "to").number(3, type).number(20, INT);
    return add("Cast", List.of(value), new WireWriter().message(5, to));
  }

  String whole(long value) {
    return constant(Elements.INT64, value);
  }

  String real(double value) {
    return constant(Elements.DOUBLE, Double.doubleToLongBits(value));
  }

  /// All nodes so far, as fields of the message that the other one is in.
  WireWriter all() {
    return nodes;
  }

  /// @param bits of its one element, which has eight bytes
  private String constant(int type, long bits) {
    var raw = new byte[Long.BYTES];
    ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN).putLong(bits);
    WireWriter tensor = new WireWriter().number(2, type).bytes(9, raw);
    WireWriter attribute = new WireWriter().text(1, "value").message(5, tensor).number(20, TENSOR);
    return add("Constant", List.of(), new WireWriter().message(5, attribute));
  }

  private String add(String operator, List<String> inputs, WireWriter attributes) {
    // No writer of models names values after us, and two nodes do not begin at one place.
    String output = "mlo/safeguard/%d/%d".formatted(before.start(), written++);
    var node = new WireWriter();
    inputs.forEach(input -> node.text(1, input));
    node.text(2, output).text(4, operator).raw(attributes);
    nodes.message(before.field(), node);
    return output;
  }
}
