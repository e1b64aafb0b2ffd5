package dev.mlo.onnx;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Models of one node, `y = OPERATOR(x)`, both FP32[2].
final class OneNode {
  private OneNode() {}

  /// @param domain empty: that of ONNX itself
  static byte[] model(String domain, String operator, long version) {
    return model(8, domain, operator, domain, version);
  }

  /// @param imported the domain of the operator set that is asked for
  static byte[] model(
      long irVersion, String imported, String operator, String domain, long version) {
    byte[] operatorSet = message(8, join(text(1, imported), number(2, version)));
    byte[] main = imported.isEmpty() ? new byte[0] : message(8, join(text(1, ""), number(2, 13)));
    return join(number(1, irVersion), graph(operator, domain), main, operatorSet);
  }

  private static byte[] graph(String operator, String domain) {
    byte[] type = message(2, message(1, join(number(1, 1), message(2, message(1, number(1, 2))))));
    return message(
        7,
        join(
            message(1, join(text(1, "x"), text(2, "y"), text(4, operator), text(7, domain))),
            text(2, "g"),
            message(11, join(text(1, "x"), type)),
            message(12, join(text(1, "y"), type))));
  }

  private static byte[] join(byte[]... parts) {
    var out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  /// Small numbers only.
  private static byte[] number(int field, long value) {
    return new byte[] {(byte) (field << 3), (byte) value};
  }

  private static byte[] text(int field, String text) {
    return message(field, text.getBytes(StandardCharsets.UTF_8));
  }

  /// Bodies below 16 KiB.
  private static byte[] message(int field, byte[] body) {
    int length = body.length;
    byte[] head =
        length < 128
            ? new byte[] {(byte) (field << 3 | 2), (byte) length}
            : new byte[] {(byte) (field << 3 | 2), (byte) (length | 0x80), (byte) (length >> 7)};
    return join(head, body);
  }
}
