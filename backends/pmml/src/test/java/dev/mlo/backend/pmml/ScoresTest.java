package dev.mlo.backend.pmml;

import static java.lang.Math.exp;
import static java.lang.Math.sqrt;
import static java.lang.Math.tanh;
import static java.util.Arrays.asList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.mlo.backend.InferenceException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A small model of every family, against scores computed from the standard's formulas by hand.
class ScoresTest {
  @TempDir Path directory;

  private static final Offset<Double> EXACTLY = within(1e-15);

  private static double number(Map<String, List<Object>> answer, String output, int row) {
    return (Double) answer.getOrDefault(output, List.of()).get(row);
  }

  /// Red and larger than 2.5: the first leaf, 3 of 4 ripe. Else the second, 2 of 8. No size: the
  /// first leaf's condition is unknown, so the second takes the row.
  @Test
  void tree() throws Exception {
    try (Rows model = Rows.of("tree")) {
      assertThat(
              model.infer(
                  List.of("red", 3), List.of("red", 2.5), List.of("mauve", 7), asList("red", null)))
          .containsExactlyInAnyOrderEntriesOf(
              Map.of(
                  "predicted_ripe", List.of("yes", "no", "no", "no"),
                  "probability", List.of(0.75, 0.75, 0.75, 0.75),
                  "probability_yes", List.of(0.75, 0.25, 0.25, 0.25),
                  "probability_no", List.of(0.25, 0.75, 0.75, 0.75),
                  "node_id", List.of("1", "2", "2", "2")));
    }
  }

  /// 10 + 2.5·4 + 0.5·3² and 7 for the garden; without an area there is no price.
  @Test
  void linearRegression() throws Exception {
    try (Rows model = Rows.of("linear")) {
      assertThat(model.infer(List.of(4, 3, true), List.of(4, 3, false), asList(null, 3, true)))
          .isEqualTo(Map.of("predicted_price", List.of(31.5, 24.5, Double.NaN)));
    }
  }

  /// Calm: 1 + wind / 2. Storm: 6 - 2 · waves. Each of the two has a name of its own for what it
  /// says.
  @Test
  void chainThatEndsInOneOfTwo() throws Exception {
    try (Rows model = Rows.of("chain")) {
      assertThat(model.infer(List.of(4, 1), List.of(9, 2.5)))
          .isEqualTo(Map.of("predicted_speed", List.of(3.0, 1.0)));
    }
  }

  /// The exponents are 1 + 2a, -b and 0; each probability is its power over the sum of all.
  @Test
  void logisticRegressionWithDeclaredOutputs() throws Exception {
    double sum = exp(2) + exp(-1) + 1;
    try (Rows model = Rows.of("logistic")) {
      var answer = model.infer(List.of(0.5, 1));
      assertThat(answer.keySet()).containsExactly("label", "p1", "p2", "p3", "sure");
      assertThat(answer.get("label")).containsExactly(1L);
      assertThat(number(answer, "p1", 0)).isCloseTo(exp(2) / sum, EXACTLY);
      assertThat(answer.get("p2")).containsExactly((float) (exp(-1) / sum));
      assertThat(number(answer, "p3", 0)).isCloseTo(1 / sum, EXACTLY);
      assertThat(answer.get("sure")).containsExactly(true);
    }
  }

  /// 100, and 5 or 25 for the age, 30 or 10 for the home. Of the points below the baseline of 20,
  /// age has 15 for the young, home has 10 for those who rent.
  @Test
  void scorecard() throws Exception {
    try (Rows model = Rows.of("scorecard")) {
      assertThat(model.infer(List.of(25, "own"), List.of(40, "rent"), List.of(25, "rent")))
          .isEqualTo(
              Map.of(
                  "points", List.of(135.0, 135.0, 115.0),
                  "first reason", List.of("A", "H", "A")));
    }
  }

  /// Counts times densities: 8 · 6/8 · N(16; 20, 4) against 4 · 1/4 · N(16; 10, 16). In the second
  /// row the density of `yes` is below the threshold, which takes its place.
  @Test
  void naiveBayes() throws Exception {
    double yes = 6 * exp(-16 / 8.0) / sqrt(2 * Math.PI * 4);
    double no = exp(-36 / 32.0) / sqrt(2 * Math.PI * 16);
    double strong = 3 * exp(-4 / 32.0) / sqrt(2 * Math.PI * 16);
    try (Rows model = Rows.of("bayes")) {
      var answer = model.infer(List.of("weak", 16), List.of("strong", 12));
      assertThat(answer.get("predicted_play")).containsExactly("yes", "no");
      assertThat(number(answer, "probability_yes", 0)).isCloseTo(yes / (yes + no), EXACTLY);
      assertThat(number(answer, "probability_yes", 1))
          .isCloseTo(2 * 0.001 / (2 * 0.001 + strong), EXACTLY);
    }
  }

  /// Two neurons: tanh(0.5 + x - y), tanh(0.25x + 0.75y); the output is 1 + 2·one + 3·other.
  @Test
  void neuralNetwork() throws Exception {
    try (Rows model = Rows.of("network")) {
      assertThat(number(model.infer(List.of(1, 2)), "predicted_z", 0))
          .isCloseTo(1 + 2 * tanh(-0.5) + 3 * tanh(1.75), within(1e-14));
    }
  }

  /// 0.25 + 2·exp(-0.5·d²(a)) - exp(-0.5·d²(b)), with a = (0, 0) and b = (1, 1).
  @Test
  void supportVectorMachine() throws Exception {
    try (Rows model = Rows.of("vectors")) {
      var answer = model.infer(List.of(0, 0), List.of(1, 0));
      assertThat(number(answer, "predicted_value", 0)).isCloseTo(2.25 - exp(-1), EXACTLY);
      assertThat(number(answer, "predicted_value", 1)).isCloseTo(0.25 + exp(-0.5), EXACTLY);
    }
  }

  /// 1² + 2² to the one centre, 2² + 2² to the other.
  @Test
  void clustering() throws Exception {
    try (Rows model = Rows.of("clusters")) {
      assertThat(model.infer(List.of(1, 2), List.of(8, 8)))
          .isEqualTo(
              Map.of(
                  "cluster", List.of("1", "2"),
                  "cluster_name", List.of("near", "far"),
                  "distance", List.of(5.0, 8.0)));
    }
  }

  /// The mean of the two nearest of 1, 4 and 100.
  @Test
  void nearestNeighbours() throws Exception {
    try (Rows model = Rows.of("neighbours")) {
      assertThat(model.infer(List.of(0, 0), List.of(8, 8)))
          .isEqualTo(Map.of("predicted_value", List.of(2.5, 52.0)));
    }
  }

  /// The first rule that holds, with its confidence; else the defaults.
  @Test
  void ruleSet() throws Exception {
    try (Rows model = Rows.of("rules")) {
      assertThat(model.infer(List.of(11), List.of(3), List.of(7)))
          .isEqualTo(
              Map.of(
                  "predicted_level", List.of("high", "low", "low"),
                  "confidence", List.of(0.9, 0.6, 0.25)));
    }
  }

  /// exp of the offset 0.5, the intercept 0.25, 0.5·2, and -1 for the kind `a`.
  @Test
  void generalRegression() throws Exception {
    try (Rows model = Rows.of("general")) {
      var answer = model.infer(List.of(2, "a"), List.of(2, "b"));
      assertThat(number(answer, "predicted_count", 0)).isCloseTo(exp(0.75), within(1e-14));
      assertThat(number(answer, "predicted_count", 1)).isCloseTo(exp(1.75), within(1e-14));
    }
  }

  /// The means of two trees' probabilities: (3/4 + 1)/2, (0 + 1)/2, (0 + 1/2)/2.
  @Test
  void randomForest() throws Exception {
    try (Rows model = Rows.of("forest")) {
      assertThat(model.infer(List.of(0), List.of(2), List.of(5)).get("probability_a"))
          .containsExactly(0.875, 0.5, 0.25);
    }
  }

  /// The sum of two trees and 0.5 is the exponent of the logistic function: -0.75, 1.25, 1.75.
  @Test
  void gradientBoosting() throws Exception {
    try (Rows model = Rows.of("boosting")) {
      var answer = model.infer(List.of(1), List.of(3), List.of(5));
      assertThat(answer.keySet()).containsExactly("label", "probability(0)", "probability(1)");
      assertThat(answer.get("label")).containsExactly(0L, 1L, 1L);
      double[] exponents = {-0.75, 1.25, 1.75};
      for (int row = 0; row < exponents.length; row++) {
        assertThat(number(answer, "probability(1)", row))
            .isCloseTo(1 / (1 + exp(-exponents[row])), EXACTLY);
      }
    }
  }

  /// The distance 5 over the mean distance 2 of the near cluster; 4 over 4 in the far one.
  @Test
  void anomalyDetection() throws Exception {
    try (Rows model = Rows.of("anomaly")) {
      assertThat(model.infer(List.of(3, 4), List.of(10, 6)))
          .isEqualTo(Map.of("anomalyScore", List.of(2.5, 1.0)));
    }
  }

  @Test
  void aLabelThatIsMissingIsTheClientsFaultAndSaysWhichRow() throws Exception {
    try (Rows model = Rows.of("boosting")) {
      assertThatThrownBy(() -> model.infer(List.of(1), asList((Object) null)))
          .isInstanceOf(InferenceException.class)
          .hasMessageContaining("no `label` for row 1")
          .matches(e -> ((InferenceException) e).isClients());
    }
  }

  /// The scorecard has no attribute for a home nobody knows of.
  @Test
  void aRowTheModelHasNoRuleForHasNoScore() throws Exception {
    try (Rows model = Rows.of("scorecard")) {
      assertThat(model.infer(List.of(25, "own"), asList(25, null), List.of(25, "boat")))
          .isEqualTo(
              Map.of(
                  "points", List.of(135.0, Double.NaN, Double.NaN),
                  "first reason", List.of("A", "", "")));
    }
  }

  @Test
  void onlyTheOutputsThatAreWantedNeedAResult() throws Exception {
    try (Rows model = Rows.of("boosting")) {
      var answer =
          model.session().infer(model.tensors(asList((Object) null)), List.of("probability(1)"));
      assertThat(answer)
          .singleElement()
          .extracting(t -> t.spec().toString())
          .isEqualTo("probability(1) FP64[1]");
    }
  }

  /// "Unless otherwise specified, a function will return a missing result if any of the inputs are
  /// missing", and so does a branch on it. What is false whatever was missing is false.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          if(lessThan(x, 3), 1, 2)                     | NaN
          if(greaterOrEqual(x, 3), 1, 2)               | NaN
          if(notEqual(x, 3), 1, 2)                     | NaN
          if(isNotIn(x, 3, 4), 1, 2)                   | NaN
          if(not(equal(x, 3)), 1, 2)                   | NaN
          if(and(lessThan(x, 3), equal(3, 3)), 1, 2)   | NaN
          if(or(lessThan(x, 3), equal(3, 4)), 1, 2)    | NaN
          threshold(x, 3)                              | NaN
          +(x, 3)                                      | NaN
          if(and(lessThan(x, 3), equal(3, 4)), 1, 2)   | 2
          if(or(lessThan(x, 3), equal(3, 3)), 1, 2)    | 1
          if(isMissing(x), 1, if(lessThan(x, 3), 2, 4))| 1
          if(isNotMissing(x), x, 5)                    | 5
          sum(x, 3)                                    | 3
          round(x)                                     | NaN
          """)
  void functionsHeedWhatIsMissing(String expression, double expected) throws Exception {
    try (Rows model = computing(expression)) {
      assertThat(model.infer(asList((Object) null)))
          .isEqualTo(Map.of("predicted_y", List.of(expected)));
    }
  }

  /// A whole number of 64 bits would end at 9223372036854775807.
  @Test
  void roundsNumbersOfAnySize() throws Exception {
    try (Rows model = computing("round(x)")) {
      assertThat(
              model.infer(
                  List.of(1e300),
                  List.of(-1e300),
                  List.of(2.5),
                  List.of(-2.4),
                  List.of(0x1p52 + 1)))
          .isEqualTo(Map.of("predicted_y", List.of(1e300, -1e300, 3.0, -2.0, 0x1p52 + 1)));
    }
  }

  private Rows computing(String expression) throws Exception {
    String document =
        PmmlBackendTest.START
            + """
            <RegressionModel functionName="regression"><MiningSchema><MiningField name="x"/>
            <MiningField name="y" usageType="target"/></MiningSchema><LocalTransformations>
            <DerivedField name="d" optype="continuous" dataType="double">%s</DerivedField>
            </LocalTransformations><RegressionTable intercept="0">
            <NumericPredictor name="d" coefficient="1"/></RegressionTable></RegressionModel></PMML>
            """
                .formatted(apply(expression));
    return Rows.open(Files.writeString(directory.resolve("model.pmml"), document));
  }

  /// `f(x, 3)` in PMML's words.
  private static String apply(String expression) {
    return expression
        .replaceAll("([a-zA-Z+]+)\\(", "<Apply function='$1'>(")
        .replaceAll("\\bx\\b", "<FieldRef field='x'/>")
        .replaceAll("\\b(\\d)\\b", "<Constant dataType='double'>$1</Constant>")
        .replaceAll("[(,]", "")
        .replace(")", "</Apply>");
  }
}
