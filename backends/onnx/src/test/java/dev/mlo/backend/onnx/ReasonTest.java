package dev.mlo.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtException.OrtErrorCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the engine says, without what only its authors understand.
class ReasonTest {
  private static String reason(String message) {
    return Engine.reason(new OrtException(OrtErrorCode.ORT_FAIL, message));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Load model from /models/a b.onnx failed:This is an invalid model. |"
            + " This is an invalid model.",
        "running Div node. Name:'n' Status Message: element_wise_ops.cc:692 Compute Integer"
            + " division by zero | running Div node. Name:'n' Status Message: Integer division by"
            + " zero",
        "Status Message: element_wise_ops.cc:2256 operator() Integer modulo by zero |"
            + " Status Message: Integer modulo by zero",
        "Status Message: [with Tin = long int; intN_t = long int] GatherElements op: Out of range"
            + " value in index tensor | Status Message: GatherElements op: Out of range value in"
            + " index tensor",
        "onnxruntime::StringNormalizer::Locale::Locale(const std::string&)::<lambda()> Failed to"
            + " construct locale with name:de_DE | Failed to construct locale with name:de_DE",
        "/onnxruntime_src/onnxruntime/core/graph/graph.cc:1555 void onnxruntime::Graph::Build()"
            + " Graph output (y) does not exist | Graph output (y) does not exist",
      })
  void namesNoPlaceInTheEnginesSource(String message, String reason) {
    assertThat(reason(message)).isEqualTo(reason);
  }

  @Test
  void isOneLineOfTextThatCanBeShown() {
    assertThat(reason("Unrecognized attribute: a\u0007b\u001b[2J\n\tfor operator"))
        .isEqualTo("Unrecognized attribute: a?b?[2J; for operator");
    assertThat(reason("a".repeat(1 << 20))).hasSizeLessThan(3000);
  }
}
