package dev.mlo.backend.pmml;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the engine would compute otherwise than the standard says, in regressions, rules, functions
/// and outputs.
class DeviationTest {
  private Trial trial;

  @BeforeEach
  void prepare(@TempDir Path directory) {
    trial = new Trial(directory);
  }

  @Test
  void namesWhatWouldBeComputedOtherwiseThanTheStandardSays() throws Exception {
    trial.refuses(
        Files.readString(PmmlBackendTest.model("general"))
            .replace("generalizedLinear", "CoxRegression"),
        "CoxRegression");
    trial.refuses(
        Files.readString(PmmlBackendTest.model("bayes"))
            .replace(
                "<GaussianDistribution mean=\"20\" variance=\"4\"/>",
                "<PoissonDistribution mean=\"20\"/>"),
        "a Poisson distribution");
    trial.refuses(
        PmmlBackendTest.LINE.replace(
            "<RegressionTable",
            "<Output><OutputField name=\"r\" feature=\"ruleValue\"/></Output><RegressionTable"),
        "output `r` asks for the ruleValue");
  }

  /// Each was computed by hand, and came out otherwise.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          <RegressionModel f                    | <RegressionModel normalizationMethod="loglog" f      | normalizationMethod="loglog"
          <RegressionModel f                    | <RegressionModel normalizationMethod="simplemax" f   | normalizationMethod="simplemax"
          <RegressionTable i                    | <Output><OutputField name="p" feature="confidence" value="A"/></Output><RegressionTable i | output `p` asks for the confidence of one value
          <RegressionTable i                    | <LocalTransformations><DerivedField name="d" optype="continuous" dataType="double"><Discretize field="x" defaultValue="1"/></DerivedField></LocalTransformations><RegressionTable i | of Discretize
          <RegressionTable i                    | <LocalTransformations><DerivedField name="d" optype="continuous" dataType="double"><Discretize field="x" mapMissingTo="1" dataType="double"/></DerivedField></LocalTransformations><RegressionTable i | of Discretize
          <RegressionTable i                    | <LocalTransformations><DerivedField name="d" optype="continuous" dataType="double"><Discretize field="x" mapMissingTo="1" defaultValue="1"/></DerivedField></LocalTransformations><RegressionTable i | of Discretize
          <RegressionTable i                    | <LocalTransformations><DerivedField name="d" optype="continuous" dataType="double"><NormContinuous field="x" outliers="asMissingValues" mapMissingTo="1"/></DerivedField></LocalTransformations><RegressionTable i | outliers of NormContinuous
          <RegressionTable i                    | <LocalTransformations><DerivedField name="d" optype="continuous" dataType="double"><TextIndex textField="c" localTermWeights="logarithmic"><Constant>sun</Constant></TextIndex></DerivedField></LocalTransformations><RegressionTable i | localTermWeights="logarithmic"
          <RegressionTable i                    | <LocalTransformations><DerivedField name="d" optype="continuous" dataType="double"><TextIndex textField="c" wordRE="[a-z]+"><Constant>sun</Constant></TextIndex></DerivedField></LocalTransformations><RegressionTable i | wordRE
          <RegressionTable i                    | <LocalTransformations><DerivedField name="d" optype="continuous" dataType="double"><TextIndex textField="c"><TextIndexNormalization recursive="true"/><Constant>sun</Constant></TextIndex></DerivedField></LocalTransformations><RegressionTable i | recursive="true"
          <RegressionTable i                    | <LocalTransformations><DerivedField name="d" optype="continuous" dataType="double"><Apply function="lessThan"><FieldRef field="c"/><Constant>b</Constant></Apply></DerivedField></LocalTransformations><RegressionTable i | not of text as in lessThan(c
          <RegressionTable i                    | <Output><OutputField name="p" feature="probability" rank="2"/></Output><RegressionTable i | the probability of rank 2
          <RegressionTable i                    | <Output><OutputField name="p" feature="predictedDisplayValue"/></Output><RegressionTable i | the predictedDisplayValue
          """)
  void namesWhatIsWrongOfARegression(String before, String after, String reason) throws Exception {
    trial.refuses(PmmlBackendTest.LINE.replace(before, after), reason);
  }

  @Test
  void namesWhatARuleSetDoesNotTell() throws Exception {
    trial.refuses(
        Files.readString(PmmlBackendTest.model("rules"))
            .replaceFirst(
                "</MiningSchema>",
                "</MiningSchema><Output><OutputField name=\"e\" feature=\"entityId\"/></Output>"),
        "output `e` asks for the entityId");
  }

  private static String compared(String function, String constants, String type) {
    return PmmlBackendTest.LINE
        .replace(
            "name=\"x\" optype=\"continuous\" dataType=\"double\"",
            "name=\"x\" optype=\"continuous\" dataType=\"" + type + "\"")
        .replace(
            "<RegressionTable i",
            """
            <LocalTransformations><DerivedField name="d" optype="continuous" dataType="double">
            <Apply function="if"><Apply function="%s"><FieldRef field="x"/>%s</Apply>
            <Constant>5</Constant><Constant>6</Constant></Apply></DerivedField></LocalTransformations>
            <RegressionTable i\
            """
                .formatted(function, constants))
        .replace("name=\"x\" coefficient", "name=\"d\" coefficient");
  }

  /// To the engine 1 is not 1.0, and a constant without a type is text.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          equal    | <Constant dataType="integer">2</Constant>                                             | double  | 1
          equal    | <Constant>2</Constant>                                                                | double  | 1
          notEqual | <Constant dataType="double">2</Constant>                                              | integer | 1
          isIn     | <Constant dataType="double">1</Constant><Constant dataType="integer">2</Constant>     | double  | 1
          isNotIn  | <Apply function="+"><FieldRef field="x"/><FieldRef field="x"/></Apply>                | integer | 1
          equal    | <Constant dataType="double">2</Constant>                                              | double  | 0
          equal    | <Constant>2</Constant>                                                                | integer | 1
          isIn     | <Constant dataType="double">1</Constant><Constant dataType="double">2</Constant>      | double  | 0
          """)
  void refusesToCompareValuesOfTwoTypes(String function, String constants, String type, int refused)
      throws Exception {
    String document = compared(function, constants, type);
    if (refused == 1) {
      trial.refuses(document, "takes values of two types for different in " + function + "(x");
    } else {
      try (Rows model = trial.open(document)) {
        assertThat(model.infer(List.of(type.equals("double") ? 2.0 : 2L)).get("predicted_y"))
            .containsExactly(11.0);
      }
    }
  }

  /// The last of three categories would be as probable as all but the second.
  @Test
  void refusesARegressionOfMoreThanTwoOrdinalValues() throws Exception {
    String three =
        PmmlBackendTest.START.replace(
                "</DataDictionary>",
                "<DataField name=\"v\" optype=\"ordinal\" dataType=\"string\"><Value value=\"L\"/>"
                    + "<Value value=\"M\"/><Value value=\"H\"/></DataField></DataDictionary>")
            + """
            <RegressionModel functionName="classification" normalizationMethod="logit"><MiningSchema>
            <MiningField name="x"/><MiningField name="v" usageType="target"/></MiningSchema>
            <RegressionTable targetCategory="L" intercept="-1"/>
            <RegressionTable targetCategory="M" intercept="1"/>
            <RegressionTable targetCategory="H" intercept="0"/></RegressionModel></PMML>
            """;
    trial.refuses(three, "a regression of the ordinal `v`");

    String two =
        three
            .replace("<Value value=\"M\"/>", "")
            .replace("<RegressionTable targetCategory=\"M\" intercept=\"1\"/>", "");
    try (Rows model = trial.open(two)) {
      assertThat(model.infer(List.of(0)).get("probability_L")).containsExactly(1 / (1 + Math.E));
    }
  }

  /// The engine would fail in every row.
  @Test
  void refusesAnOutputThatIsComputedFromALaterOne() throws Exception {
    String later = "<OutputField name=\"p\" feature=\"predictedValue\" dataType=\"double\"/>";
    String early =
        "<OutputField name=\"t\" feature=\"transformedValue\" optype=\"continuous\""
            + " dataType=\"double\"><Apply function=\"+\"><FieldRef field=\"p\"/><FieldRef"
            + " field=\"x\"/></Apply></OutputField>";
    String start = "<RegressionTable i";
    trial.refuses(
        PmmlBackendTest.LINE.replace(start, "<Output>" + early + later + "</Output>" + start),
        "output `t` is computed from `p`, which comes after it");
    try (Rows model =
        trial.open(
            PmmlBackendTest.LINE.replace(
                start, "<Output>" + later + early + "</Output>" + start))) {
      var answer = model.infer(List.of(2));
      assertThat(answer.get("t")).containsExactly(7.0);
    }
  }
}
