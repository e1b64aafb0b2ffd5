package dev.mlo.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
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
    byte[] model = OneNode.model(irVersion, domain, "Identity", "", version);
    try (var options = new OrtSession.SessionOptions();
        var session = OrtEnvironment.getEnvironment().createSession(model, options)) {
      return session.getNumInputs() == 1;
    } catch (OrtException e) {
      return false;
    }
  }
}
