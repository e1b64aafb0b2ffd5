package dev.mlo.cli.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// What the command refuses before it builds must be what the engine refuses, and nothing else: a
/// new engine may read newer models.
class OnnxSupportTest {
  @Test
  void theNewestFormatVersionIsTheEngines() {
    assertThat(loads(OnnxSupport.MAX_IR_VERSION, "", 13)).isTrue();
    assertThat(loads(OnnxSupport.MAX_IR_VERSION + 1, "", 13)).isFalse();
  }

  @Test
  void theNewestOperatorSetsAreTheEngines() {
    OnnxSupport.OPERATOR_SETS.forEach((domain, newest) -> {
      String written = domain.equals(OnnxSupport.MAIN) ? "" : domain;
      assertThat(loads(8, written, newest)).as("%s %d", domain, newest).isTrue();
      assertThat(loads(8, written, newest + 1)).as("%s %d", domain, newest + 1).isFalse();
    });
  }

  /// Whether a model of one node can be opened.
  private static boolean loads(long irVersion, String domain, long version) {
    byte[] operatorSet = message(8, join(text(1, domain), number(2, version)));
    byte[] main = domain.isEmpty() ? new byte[0] : message(8, join(text(1, ""), number(2, 13)));
    byte[] model = join(number(1, irVersion), identityGraph(), main, operatorSet);
    try (var options = new OrtSession.SessionOptions();
        var session = OrtEnvironment.getEnvironment().createSession(model, options)) {
      return session.getNumInputs() == 1;
    } catch (OrtException e) {
      return false;
    }
  }

  private static byte[] identityGraph() {
    byte[] type = message(2, message(1, join(number(1, 1), message(2, message(1, number(1, 2))))));
    return message(
        7,
        join(
            message(1, join(text(1, "x"), text(2, "y"), text(4, "Identity"))),
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

  /// Short messages only.
  private static byte[] message(int field, byte[] body) {
    return join(new byte[] {(byte) (field << 3 | 2), (byte) body.length}, body);
  }
}
