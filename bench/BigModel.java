import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * Writes an ONNX model of a given size: one matrix product whose weights are noise, as
 * incompressible as real ones. Usage: java BigModel.java FILE MEBIBYTES (a multiple of 64, at most
 * 1984).
 */
final class BigModel {
  private static final int ROWS = 1 << 14;
  private static final int FLOAT = 1;

  public static void main(String[] args) throws IOException {
    long bytes = Long.parseLong(args[1]) << 20;
    long columns = bytes / 4 / ROWS;
    byte[] tensor =
        message(
            number(1, ROWS),
            number(1, columns),
            number(2, FLOAT),
            text(8, "weights"),
            start(9, bytes));
    byte[] before =
        message(
            bytes(1, message(text(1, "x"), text(1, "weights"), text(2, "y"), text(4, "MatMul"))),
            text(2, "big"),
            start(5, tensor.length + bytes),
            tensor);
    byte[] after = message(bytes(11, value("x", ROWS)), bytes(12, value("y", columns)));
    byte[] head = message(number(1, 8), text(2, "mlo-bench"));
    byte[] operators = bytes(8, message(text(1, ""), number(2, 17)));
    try (OutputStream out =
        new BufferedOutputStream(Files.newOutputStream(Path.of(args[0])), 1 << 20)) {
      out.write(head);
      out.write(start(7, before.length + bytes + after.length));
      out.write(before);
      noise(out, bytes);
      out.write(after);
      out.write(operators);
    }
  }

  private static void noise(OutputStream out, long bytes) throws IOException {
    Random random = new Random(7);
    byte[] chunk = new byte[1 << 20];
    for (long left = bytes; left > 0; left -= chunk.length) {
      random.nextBytes(chunk);
      out.write(chunk);
    }
  }

  private static byte[] value(String name, long width) throws IOException {
    byte[] shape = message(bytes(1, text(2, "batch")), bytes(1, number(1, width)));
    byte[] type = bytes(1, message(number(1, FLOAT), bytes(2, shape)));
    return message(text(1, name), bytes(2, type));
  }

  private static byte[] message(byte[]... parts) throws IOException {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.write(part);
    }
    return out.toByteArray();
  }

  private static byte[] number(int field, long value) throws IOException {
    return message(varint((long) field << 3), varint(value));
  }

  private static byte[] text(int field, String text) throws IOException {
    return bytes(field, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] bytes(int field, byte[] content) throws IOException {
    return message(start(field, content.length), content);
  }

  private static byte[] start(int field, long length) throws IOException {
    return message(varint((long) field << 3 | 2), varint(length));
  }

  private static byte[] varint(long value) {
    var out = new ByteArrayOutputStream();
    long left = value;
    while (left > 127) {
      out.write((int) (left & 127 | 128));
      left >>>= 7;
    }
    out.write((int) left);
    return out.toByteArray();
  }
}
