package dev.mlo.backend.pmml;

import static java.util.Arrays.asList;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Trees that the engine would walk otherwise than the standard says.
class TreeRefusalTest {
  private Trial trial;

  @BeforeEach
  void prepare(@TempDir Path directory) {
    trial = new Trial(directory);
  }

  @Test
  void namesAnExclusiveOr() throws Exception {
    trial.refuses(
        PmmlBackendTest.START
            + """
            <TreeModel functionName="regression">%s<Node><True/><Node score="1">
            <CompoundPredicate booleanOperator="xor"><SimplePredicate field="x" operator="lessThan" value="1"/>
            <True/></CompoundPredicate></Node><Node score="2"><True/></Node></Node></TreeModel></PMML>
            """
                .formatted(PmmlBackendTest.SCHEMA),
        "booleanOperator=\"xor\"");
  }

  @Test
  void namesStrategiesOfATreeThatContradict() throws Exception {
    trial.refuses(
        Files.readString(PmmlBackendTest.model("tree"))
            .replace(
                "<TreeModel",
                "<TreeModel missingValueStrategy=\"nullPrediction\""
                    + " noTrueChildStrategy=\"returnLastPrediction\""),
        "where missingValueStrategy=\"nullPrediction\" forbids it");
  }

  /// `x` is missing and `z` is 5. The standard stops at the first branch that is unknown; the
  /// engine would go on to one that is true.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          lastPrediction | SIMPLE x lessThan 1    | SIMPLE x greaterOrEqual 1 | 0
          nullPrediction | SIMPLE x lessThan 1    | SIMPLE x greaterOrEqual 1 | NaN
          defaultChild   | SIMPLE x lessThan 1    | SIMPLE x greaterOrEqual 1 | 2
          none           | SIMPLE x lessThan 1    | <True/>                   | 2
          lastPrediction | SIMPLE x isMissing 0   | SIMPLE x greaterOrEqual 1 | 1
          lastPrediction | SIMPLE x lessThan 1    | <False/>                  | 0
          lastPrediction | ALL x lessThan 1 x greaterThan 0 | SIMPLE x greaterOrEqual 1 | 0
          defaultChild   | ANY x lessThan 1 z lessThan 1 | ANY x greaterOrEqual 1 z greaterOrEqual 1 | 2
          lastPrediction | ANY x lessThan 1 z lessThan 1 | ANY z greaterOrEqual 1 x greaterOrEqual 1 | 2
          lastPrediction | SIMPLE x lessThan 1    | <True/>                   |
          nullPrediction | SIMPLE x lessThan 1    | SIMPLE x isMissing 0      |
          defaultChild   | SIMPLE x lessThan 1    | SIMPLE z greaterOrEqual 1 |
          lastPrediction | ALL x lessThan 1 z greaterThan 0 | SIMPLE x greaterOrEqual 1 |
          lastPrediction | SIMPLE x lessThan 1    | ANY x greaterOrEqual 1 z greaterThan 0 |
          aggregateNodes | SIMPLE x lessThan 1    | SIMPLE x greaterOrEqual 1 |
          weightedConfidence | SIMPLE x lessThan 1 | SIMPLE x greaterOrEqual 1 |
          """)
  void refusesBranchesAtWhichItWouldNotStop(
      String strategy, String first, String second, @Nullable Double expected) throws Exception {
    String document =
        """
        <PMML version="4.4"><Header/><DataDictionary><DataField name="x" optype="continuous" dataType="double"/>
        <DataField name="z" optype="continuous" dataType="double"/>
        <DataField name="y" optype="continuous" dataType="double"/></DataDictionary>
        <TreeModel functionName="regression" missingValueStrategy="%s"><MiningSchema><MiningField name="x"/>
        <MiningField name="z"/><MiningField name="y" usageType="target"/></MiningSchema>
        <Node id="0" score="0" defaultChild="2"><True/><Node id="1" score="1">%s</Node>
        <Node id="2" score="2">%s</Node></Node></TreeModel></PMML>
        """
            .formatted(strategy, condition(first), condition(second));
    if (expected == null) {
      trial.refuses(document, "missingValueStrategy=\"" + strategy + "\"");
    } else {
      try (Rows model = trial.open(document)) {
        assertThat(model.infer(asList(null, 5.0)).get("predicted_y")).containsExactly(expected);
      }
    }
  }

  /// `SIMPLE` and a predicate, or `ALL` or `ANY` (by surrogate) and two.
  private static String condition(String words) {
    String[] all = words.split(" ", -1);
    var simple = new StringBuilder();
    for (int i = 1; i + 2 < all.length; i += 3) {
      simple.append(
          "<SimplePredicate field=\"%s\" operator=\"%s\" value=\"%s\"/>"
              .formatted(all[i], all[i + 1], all[i + 2]));
    }
    return switch (all[0]) {
      case "SIMPLE" -> simple.toString();
      case "ALL", "ANY" ->
          "<CompoundPredicate booleanOperator=\"%s\">%s</CompoundPredicate>"
              .formatted(all[0].equals("ALL") ? "and" : "surrogate", simple);
      default -> words;
    };
  }

  /// By the standard the class with the most records would be predicted.
  @Test
  void refusesALeafWithoutAScore() throws Exception {
    String tree = Files.readString(PmmlBackendTest.model("tree"));
    trial.refuses(
        tree.replace("id=\"1\" score=\"yes\"", "id=\"1\""), "ScoreDistribution and no score");

    String inside = tree.replace("id=\"0\" score=\"no\"", "id=\"0\"");
    try (Rows model = trial.open(inside)) {
      assertThat(model.infer(List.of("red", 3)).get("predicted_ripe")).containsExactly("yes");
    }
    trial.refuses(
        inside.replace("<TreeModel", "<TreeModel noTrueChildStrategy=\"returnLastPrediction\""),
        "ScoreDistribution and no score");
  }
}
