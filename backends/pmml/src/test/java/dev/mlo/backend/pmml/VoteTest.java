package dev.mlo.backend.pmml;

import static java.util.Arrays.asList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.backend.InferenceException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Several models that classify, and what is made of their answers.
class VoteTest {
  private Trial trial;

  @BeforeEach
  void prepare(@TempDir Path directory) {
    trial = new Trial(directory);
  }

  private static String vote(String segmentation, String output, int values) {
    var segments = new StringBuilder();
    for (int i = 0; i < 3; i++) {
      segments.append(
          """
          <Segment weight="%d"><True/><TreeModel functionName="classification"><MiningSchema>
          <MiningField name="x"/><MiningField name="v" usageType="target"/></MiningSchema>
          <Node score="%s"><True/><ScoreDistribution value="A" recordCount="%d"/>
          <ScoreDistribution value="B" recordCount="4"/></Node></TreeModel></Segment>
          """
              .formatted(i == 2 ? 3 : 1, i == 2 ? "B" : "A", i == 2 ? 1 : 6));
    }
    String category =
        "<Value value=\"A\"/><Value value=\"B\"/>" + (values > 2 ? "<Value value=\"C\"/>" : "");
    return PmmlBackendTest.START.replace(
            "</DataDictionary>",
            "<DataField name=\"v\" optype=\"categorical\" dataType=\"string\">"
                + category
                + "</DataField></DataDictionary>")
        + """
        <MiningModel functionName="classification"><MiningSchema><MiningField name="x"/>
        <MiningField name="v" usageType="target"/></MiningSchema>%s<Segmentation %s>%s</Segmentation>
        </MiningModel></PMML>
        """
            .formatted(output, segmentation, segments);
  }

  /// The winner is right, and is served where nothing else is told.
  @Test
  void refusesAVoteOfWhichProbabilitiesAreTold() throws Exception {
    String weighted = "multipleModelMethod=\"weightedMajorityVote\"";
    String winner =
        "<Output><OutputField name=\"w\" feature=\"predictedValue\" optype=\"categorical\""
            + " dataType=\"string\"/></Output>";
    trial.refuses(vote("multipleModelMethod=\"median\"", "", 3), "multipleModelMethod=\"median\"");
    trial.refuses(vote("multipleModelMethod=\"max\"", "", 2), "multipleModelMethod=\"max\"");
    trial.refuses(
        vote("multipleModelMethod=\"average\" missingPredictionTreatment=\"skipSegment\"", "", 2),
        "skipSegment");

    try (Rows model = trial.open(vote(weighted, "", 2))) {
      assertThat(model.infer(List.of(0)).get("probability_A")).containsExactly(0.4);
    }
    try (Rows model = trial.open(vote(weighted, winner, 2))) {
      assertThat(model.infer(List.of(0)).get("w")).containsExactly("B");
    }
    try (Rows model = trial.open(vote("multipleModelMethod=\"median\"", "", 2))) {
      assertThat(model.infer(List.of(0)).get("probability_A")).containsExactly(0.6);
    }
  }

  /// Three trees. Each has an opinion only where its own input is below 9: A below 1, else B.
  private static String opinions(String segmentation) {
    var segments = new StringBuilder();
    for (String field : List.of("p", "q", "r")) {
      segments.append(
          """
          <Segment weight="%2$d"><True/><TreeModel functionName="classification"><MiningSchema>
          <MiningField name="%1$s"/><MiningField name="v" usageType="target"/></MiningSchema><Node><True/>
          <Node score="A"><SimplePredicate field="%1$s" operator="lessThan" value="1"/>
          <ScoreDistribution value="A" recordCount="1" probability="1"/><ScoreDistribution value="B" recordCount="0" probability="0"/></Node>
          <Node score="B"><SimplePredicate field="%1$s" operator="lessThan" value="9"/>
          <ScoreDistribution value="A" recordCount="0" probability="0"/><ScoreDistribution value="B" recordCount="1" probability="1"/></Node>
          </Node></TreeModel></Segment>
          """
              .formatted(field, field.equals("r") ? 3 : 1));
    }
    return """
    <PMML version="4.4"><Header/><DataDictionary><DataField name="p" optype="continuous" dataType="double"/>
    <DataField name="q" optype="continuous" dataType="double"/>
    <DataField name="r" optype="continuous" dataType="double"/>
    <DataField name="v" optype="categorical" dataType="string"><Value value="A"/><Value value="B"/></DataField>
    </DataDictionary><MiningModel functionName="classification"><MiningSchema><MiningField name="p"/>
    <MiningField name="q"/><MiningField name="r"/><MiningField name="v" usageType="target"/></MiningSchema>
    <Segmentation %s>%s</Segmentation></MiningModel></PMML>
    """
        .formatted(segmentation, segments);
  }

  /// 9 is no opinion. "The missing result can be returned if it gets the most votes."
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          majorityVote         | continue      | 1   | 0 0 2 | A | 0.6666666666666666
          majorityVote         | continue      | 1   | 0 9 9 |   |
          majorityVote         | continue      | 1   | 9 9 9 |   |
          majorityVote         | continue      | 1   | 2 0 9 | A | 0.3333333333333333
          majorityVote         | continue      | 0.3 | 0 0 9 |   |
          majorityVote         | skipSegment   | 1   | 0 9 9 | A | 1
          majorityVote         | skipSegment   | 0.5 | 0 9 9 |   |
          majorityVote         | skipSegment   | 1   | 9 9 9 |   |
          majorityVote         | returnMissing | 1   | 0 0 9 |   |
          majorityVote         | returnMissing | 1   | 0 0 0 | A | 1
          weightedMajorityVote | continue      | 1   | 0 0 2 | B | 0.4
          weightedMajorityVote | continue      | 1   | 0 0 9 |   |
          weightedMajorityVote | skipSegment   | 1   | 0 2 9 | A | 0.5
          average              | continue      | 1   | 0 0 2 | A | 0.6666666666666666
          average              | continue      | 1   | 2 0 9 |   |
          weightedAverage      | continue      | 1   | 2 2 9 |   |
          """)
  void countsThoseWithoutAnOpinion(
      String method,
      String treatment,
      String threshold,
      String row,
      @Nullable String winner,
      @Nullable Double probability)
      throws Exception {
    String document =
        opinions(
            "multipleModelMethod=\"%s\" missingPredictionTreatment=\"%s\" missingThreshold=\"%s\""
                .formatted(method, treatment, threshold));
    List<@Nullable Object> values =
        asList((Object[]) row.split(" ", -1)).stream()
            .<@Nullable Object>map(value -> Double.valueOf(String.valueOf(value)))
            .toList();
    try (Rows model = trial.open(document)) {
      if (winner == null) {
        assertThatThrownBy(() -> model.infer(values))
            .isInstanceOf(InferenceException.class)
            .hasMessageContaining("no `predicted_v` for row 0");
      } else {
        var answer = model.infer(values);
        assertThat(answer.get("predicted_v")).containsExactly(winner);
        assertThat(answer.get("probability_A")).containsExactly(probability);
      }
    }
  }

  /// Of three numbers, one of which is missing, none is in the middle.
  @Test
  void aMedianOfWhatIsMissingIsMissing() throws Exception {
    String numbers =
        opinions("multipleModelMethod=\"median\"")
            .replace("functionName=\"classification\"", "functionName=\"regression\"")
            .replace(
                "optype=\"categorical\" dataType=\"string\"><Value value=\"A\"/><Value"
                    + " value=\"B\"/></DataField>",
                "optype=\"continuous\" dataType=\"double\"/>")
            .replaceAll("<ScoreDistribution[^>]*>", "")
            .replace("score=\"A\"", "score=\"1\"")
            .replace("score=\"B\"", "score=\"2\"");
    try (Rows model = trial.open(numbers)) {
      assertThat(model.infer(List.of(0, 2, 2), List.of(0, 2, 9)).get("predicted_v"))
          .containsExactly(2.0, Double.NaN);
    }
  }
}
