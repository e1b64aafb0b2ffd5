package dev.mlo.backend.pmml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.backend.ModelException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The reasons that a scorecard tells beside its score: "the one that appears first in the PMML
/// file" of those with as many points.
class ScorecardTest {
  private static final String OUTPUT =
      """
      <Output><OutputField name="points" feature="predictedValue" optype="continuous" dataType="double"/>
      <OutputField name="r1" feature="reasonCode" rank="1" optype="categorical" dataType="string"/>
      <OutputField name="r2" feature="reasonCode" rank="2" optype="categorical" dataType="string"/>
      <OutputField name="r3" feature="reasonCode" rank="3" optype="categorical" dataType="string"/></Output>
      """;

  private Trial trial;

  @BeforeEach
  void prepare(@TempDir Path directory) {
    trial = new Trial(directory);
  }

  /// The value of `p`, `q` and `r` is what it costs, of a baseline of 10.
  private static String card(String attributes, String output) {
    var characteristics = new StringBuilder();
    for (String field : List.of("p", "q", "r")) {
      // The codes are not in the order of the alphabet.
      String code = field.equals("p") ? "Z" : field.equals("q") ? "M" : "A";
      characteristics.append(
          """
          <Characteristic name="%1$s" reasonCode="%2$s"><Attribute>
          <SimplePredicate field="%1$s" operator="greaterOrEqual" value="0"/>
          <ComplexPartialScore><FieldRef field="%1$s"/></ComplexPartialScore></Attribute>
          <Attribute reasonCode="negative" partialScore="0"><True/></Attribute></Characteristic>
          """
              .formatted(field, code));
    }
    return """
    <PMML version="4.4"><Header/><DataDictionary><DataField name="p" optype="continuous" dataType="double"/>
    <DataField name="q" optype="continuous" dataType="double"/>
    <DataField name="r" optype="continuous" dataType="double"/>
    <DataField name="y" optype="continuous" dataType="double"/></DataDictionary>
    <Scorecard functionName="regression" %s><MiningSchema><MiningField name="p"/><MiningField name="q"/>
    <MiningField name="r"/><MiningField name="y" usageType="target"/></MiningSchema>%s
    <Characteristics>%s</Characteristics></Scorecard></PMML>
    """
        .formatted(attributes, output, characteristics);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          pointsBelow | 1  | 2  | 3  | Z        | M  | A
          pointsBelow | 3  | 2  | 1  | A        | M  | Z
          pointsBelow | 5  | 5  | 5  | Z        | M  | A
          pointsBelow | 9  | 5  | 5  | M        | A  | Z
          pointsBelow | 5  | 11 | 12 | Z        | '' | ''
          pointsBelow | 11 | 11 | 12 | ''       | '' | ''
          pointsBelow | 11 | 10 | 12 | M        | '' | ''
          pointsAbove | 11 | 12 | 5  | M        | Z  | ''
          pointsBelow | -1 | -1 | 1  | negative | A  | ''
          """)
  void reasonsComeByTheirPoints(
      String algorithm, double p, double q, double r, String first, String second, String third)
      throws Exception {
    String attributes = "baselineScore=\"10\" reasonCodeAlgorithm=\"%s\"".formatted(algorithm);
    try (Rows model = trial.open(card(attributes, OUTPUT))) {
      var answer = model.infer(List.of(p, q, r));
      assertThat(answer.get("points"))
          .containsExactly(Math.max(p, 0) + Math.max(q, 0) + Math.max(r, 0));
      assertThat(List.of(answer.get("r1"), answer.get("r2"), answer.get("r3")))
          .containsExactly(List.of(first), List.of(second), List.of(third));
    }
    try (Rows model = trial.open(card(attributes, ""))) {
      var answer = model.infer(List.of(p, q, r));
      assertThat(answer.get("reason_code_1")).containsExactly(first);
      assertThat(answer.get("reason_code_4")).containsExactly("");
    }
  }

  /// In one of several models, and told on in other words.
  @Test
  void reasonsOfOneOfSeveralModelsAreThoseOfTheCard() throws Exception {
    String card = card("baselineScore=\"10\"", OUTPUT);
    int from = card.indexOf("<Scorecard");
    int to = card.indexOf("</PMML>");
    String several =
        card.substring(0, from)
            + """
            <MiningModel functionName="regression"><MiningSchema><MiningField name="p"/><MiningField name="q"/>
            <MiningField name="r"/><MiningField name="y" usageType="target"/></MiningSchema>
            <Output><OutputField name="first" feature="transformedValue" optype="categorical" dataType="string">
            <FieldRef field="r1"/></OutputField></Output><Segmentation multipleModelMethod="modelChain"><Segment>
            <True/>%s</Segment></Segmentation></MiningModel></PMML>
            """
                .formatted(card.substring(from, to));
    try (Rows model = trial.open(several)) {
      assertThat(model.infer(List.of(5, 5, 5)).get("first")).containsExactly("Z");
    }
  }

  @Test
  void aReasonNeedsABaseline() throws Exception {
    assertThatThrownBy(() -> trial.open(card("", OUTPUT)))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("has the reason code `Z` without a baselineScore");
    try (Rows model = trial.open(card("useReasonCodes=\"false\"", ""))) {
      assertThat(model.infer(List.of(1, 2, 3)).get("predicted_y")).containsExactly(6.0);
    }
  }
}
