package dev.mlo.backend.onnx;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// Writes small ONNX files, field by field (onnx.proto has the numbers).
public final class OnnxFile {
  static final int FLOAT = 1;
  static final int INT64 = 7;
  static final int STRING = 8;
  static final int BOOL = 9;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /// A model whose graph is what `graph` holds.
  ///
  /// @param functions the model's own, in the domain `own`
  public static Path write(Path directory, OnnxFile graph, OnnxFile... functions)
      throws IOException {
    return write(directory, 13, graph, functions);
  }

  /// @param operatorSet of ONNX itself
  static Path write(Path directory, long operatorSet, OnnxFile graph, OnnxFile... functions)
      throws IOException {
    var model = new OnnxFile();
    model.number(1, 8);
    model.message(7, graph.text(2, "g"));
    model.message(8, new OnnxFile().number(2, operatorSet));
    model.message(8, new OnnxFile().text(1, "ai.onnx.ml").number(2, 2));
    model.message(8, new OnnxFile().text(1, "com.microsoft").number(2, 1));
    model.message(8, new OnnxFile().text(1, "own").number(2, 1));
    for (OnnxFile function : functions) {
      model.message(25, function);
    }
    return Files.write(directory.resolve("model.onnx"), model.out.toByteArray());
  }

  /// `y = Identity(x)`, one dimension of any length.
  public static OnnxFile identity(int type) {
    return identity(type, "x", "y");
  }

  public static OnnxFile identity(int type, String input, String output) {
    return new OnnxFile()
        .message(1, node("Identity", "", List.of(input), output))
        .message(11, tensor(input, type, -1))
        .message(12, tensor(output, type, -1));
  }

  static OnnxFile node(String operator, String domain, List<String> inputs, String output) {
    var node = new OnnxFile();
    inputs.forEach(input -> node.text(1, input));
    return node.text(2, output).text(4, operator).text(7, domain);
  }

  /// A function `y = f(x)` of the domain `own` that does one thing after the other.
  static OnnxFile function(String name, OnnxFile... steps) {
    OnnxFile function = new OnnxFile().text(1, name).text(4, "x").text(5, "y");
    for (OnnxFile step : steps) {
      function.message(7, step);
    }
    return function
        .message(9, new OnnxFile().number(2, 13))
        .message(9, new OnnxFile().text(1, "own").number(2, 1))
        .text(10, "own");
  }

  /// A weight of floats in one dimension.
  static OnnxFile weight(String name, float... values) {
    byte[] bytes = new byte[4 * values.length];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
    return new OnnxFile().number(1, values.length).number(2, FLOAT).text(8, name).bytes(9, bytes);
  }

  /// A weight of 16 floats in another file.
  ///
  /// @param entries keys and values that say where
  static OnnxFile external(String name, String... entries) {
    OnnxFile weight = new OnnxFile().number(1, 16).number(2, FLOAT).text(8, name);
    for (int i = 0; i < entries.length; i += 2) {
      weight.message(13, new OnnxFile().text(1, entries[i]).text(2, entries[i + 1]));
    }
    return weight.number(14, 1);
  }

  /// `y = OPERATOR(x)`, one dimension of any length.
  static OnnxFile unary(String operator, String domain) {
    return new OnnxFile()
        .message(1, node(operator, domain, List.of("x"), "y"))
        .message(11, tensor("x", FLOAT, -1))
        .message(12, tensor("y", FLOAT, -1));
  }

  /// @param lengths -1: any
  static OnnxFile tensor(String name, int type, long... lengths) {
    var shape = new OnnxFile();
    for (long length : lengths) {
      shape.message(1, length < 0 ? new OnnxFile() : new OnnxFile().number(1, length));
    }
    OnnxFile tensor = new OnnxFile().number(1, type).message(2, shape);
    return new OnnxFile().text(1, name).message(2, new OnnxFile().message(1, tensor));
  }

  /// An output of type `seq(map(key,float))`.
  static OnnxFile maps(String name, int key) {
    OnnxFile value =
        new OnnxFile().message(1, new OnnxFile().number(1, FLOAT).message(2, new OnnxFile()));
    OnnxFile map = new OnnxFile().message(5, new OnnxFile().number(1, key).message(2, value));
    OnnxFile sequence = new OnnxFile().message(4, new OnnxFile().message(1, map));
    return new OnnxFile().text(1, name).message(2, sequence);
  }

  static OnnxFile strings(String name, List<String> values) {
    var attribute = new OnnxFile().text(1, name);
    values.forEach(value -> attribute.text(9, value));
    return attribute.number(20, 8);
  }

  /// A loop of 2^62 iterations from `x` to `y`.
  ///
  /// @param step makes `next` of `s`
  static OnnxFile endless(OnnxFile step) {
    OnnxFile body =
        new OnnxFile()
            .message(1, node("Identity", "", List.of("go"), "goOn"))
            .message(1, step)
            .text(2, "body")
            .message(11, tensor("i", INT64))
            .message(11, tensor("go", BOOL))
            .message(11, tensor("s", FLOAT, -1))
            .message(12, tensor("goOn", BOOL))
            .message(12, tensor("next", FLOAT, -1));
    OnnxFile count = new OnnxFile().number(2, INT64).number(7, 1L << 62).text(8, "count");
    OnnxFile yes = new OnnxFile().number(2, BOOL).number(5, 1).text(8, "yes");
    OnnxFile loop = node("Loop", "", List.of("count", "yes", "x"), "y");
    return new OnnxFile()
        .message(1, loop.message(5, subgraph("body", body)))
        .message(5, count)
        .message(5, yes)
        .message(11, tensor("x", FLOAT, -1))
        .message(12, tensor("y", FLOAT, -1));
  }

  /// An attribute that holds a graph.
  static OnnxFile subgraph(String name, OnnxFile graph) {
    return new OnnxFile().text(1, name).message(6, graph).number(20, 5);
  }

  OnnxFile number(int field, long value) {
    varint((long) field << 3);
    varint(value);
    return this;
  }

  OnnxFile text(int field, String value) {
    return bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  OnnxFile message(int field, OnnxFile value) {
    return bytes(field, value.out.toByteArray());
  }

  OnnxFile bytes(int field, byte[] value) {
    varint((long) field << 3 | 2);
    varint(value.length);
    out.writeBytes(value);
    return this;
  }

  private void varint(long value) {
    long rest = value;
    for (; (rest & ~0x7fL) != 0; rest >>>= 7) {
      out.write((int) ((rest & 0x7f) | 0x80));
    }
    out.write((int) rest);
  }
}
