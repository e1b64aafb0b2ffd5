package dev.mlo.backend.pmml;

import static java.util.Arrays.asList;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.backend.ModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Documents that are not served, or not as they are.
class PmmlRefusalTest {
  @TempDir Path directory;

  private Path write(String document) throws Exception {
    return Files.writeString(directory.resolve("model.pmml"), document);
  }

  private Rows open(String document) throws Exception {
    return Rows.open(write(document));
  }

  private void refuses(String document, String... reasons) throws Exception {
    Path file = write(document);
    assertThatThrownBy(() -> Rows.open(file))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("model.pmml")
        .hasMessageContainingAll(reasons);
  }

  /// The engine's own parser reads external entities and expands a bomb of a hundred thousand.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "<!DOCTYPE PMML [<!ENTITY x SYSTEM \"file:///etc/hostname\">]>",
        "<!DOCTYPE PMML SYSTEM \"http://127.0.0.1:9/x.dtd\">",
        "<!DOCTYPE PMML [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;\">"
            + "<!ENTITY c \"&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;\"><!ENTITY x \"&c;&c;&c;&c;&c;&c;\">]>",
        "<!DOCTYPE PMML>"
      })
  void aDocumentMayNotDefineEntities(String doctype) throws Exception {
    refuses(
        doctype + PmmlBackendTest.LINE.replace("<Header/>", "<Header>&x;</Header>"),
        "has a DOCTYPE");
  }

  /// In whatever way the engine and its parser may decode a document, they see no DOCTYPE.
  @ParameterizedTest
  @ValueSource(
      strings = {"<!-- <!DOCTYPE x> -->", "<![CDATA[<!DOCTYPE x>]]>", "<?pi <!DOCTYPE x>?>"})
  void noDoctypeIsHiddenInText(String text) throws Exception {
    refuses(
        PmmlBackendTest.LINE.replace("<Header/>", "<Header>" + text + "</Header>"),
        "has a DOCTYPE");
  }

  @Test
  void whatIsRememberedOfADocumentIsBounded() throws Exception {
    String values = "<Value value=\"\"/>".repeat(1_000_001);
    refuses(
        PmmlBackendTest.LINE.replace(
            "dataType=\"string\"/>", "dataType=\"string\">" + values + "</DataField>"),
        "names more than a million things");
  }

  @Test
  void anEntityThatNobodyDefinedIsNoXml() throws Exception {
    refuses(PmmlBackendTest.LINE.replace("<Header/>", "<Header>&x;</Header>"), "is not XML at 1:");
  }

  @Test
  void refusesWhatIsNoModel() throws Exception {
    refuses("{}", "is not XML");
    refuses(PmmlBackendTest.LINE.substring(0, PmmlBackendTest.LINE.length() - 20), "is not XML");
    refuses("<html/>", "its root is `html`");
    refuses(PmmlBackendTest.LINE.replace("www.dmg.org", "www.example.org"), "but not PMML");
    refuses(PmmlBackendTest.START + "</PMML>", "holds no model");
    refuses(
        PmmlBackendTest.LINE.replace("\"4.4\"", "\"2.1\""),
        "is PMML 2.1; the engine reads 3.0 to 4.4");
    refuses(PmmlBackendTest.LINE.replace("version=\"4.4\"", ""), "does not say which version");
    refuses(
        PmmlBackendTest.LINE.replace("regression\">", "regression\" isScorable=\"false\">"),
        "isScorable");
    refuses(PmmlBackendTest.LINE + "<", "is not XML");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "AssociationModel",
        "BaselineModel",
        "BayesianNetworkModel",
        "GaussianProcessModel",
        "SequenceModel",
        "TextModel",
        "TimeSeriesModel"
      })
  void namesAFamilyItDoesNotServe(String family) throws Exception {
    refuses(
        PmmlBackendTest.START
            + "<%s functionName=\"regression\">%s</%s></PMML>"
                .formatted(family, PmmlBackendTest.SCHEMA, family),
        "the engine lacks models of the family",
        family);
  }

  @Test
  void namesWhatWouldBeComputedOtherwiseThanTheStandardSays() throws Exception {
    refuses(
        Files.readString(PmmlBackendTest.model("general"))
            .replace("generalizedLinear", "CoxRegression"),
        "CoxRegression");
    refuses(
        Files.readString(PmmlBackendTest.model("bayes"))
            .replace(
                "<GaussianDistribution mean=\"20\" variance=\"4\"/>",
                "<PoissonDistribution mean=\"20\"/>"),
        "a Poisson distribution");
    refuses(
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
    refuses(PmmlBackendTest.LINE.replace(before, after), reason);
  }

  @Test
  void namesWhatIsWrongOfNeighboursAndOfConditions() throws Exception {
    String neighbours = Files.readString(PmmlBackendTest.model("neighbours"));
    refuses(
        neighbours.replace(
            "continuousScoringMethod=\"average\"", "continuousScoringMethod=\"weightedAverage\""),
        "continuousScoringMethod=\"weightedAverage\"");
    refuses(
        neighbours.replace(
            "<NearestNeighborModel",
            "<NearestNeighborModel categoricalScoringMethod=\"weightedMajorityVote\""),
        "categoricalScoringMethod=\"weightedMajorityVote\"");
    refuses(
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
  void namesWhatARuleSetDoesNotTell() throws Exception {
    refuses(
        Files.readString(PmmlBackendTest.model("rules"))
            .replaceFirst(
                "</MiningSchema>",
                "</MiningSchema><Output><OutputField name=\"e\" feature=\"entityId\"/></Output>"),
        "output `e` asks for the entityId");
  }

  @Test
  void namesStrategiesOfATreeThatContradict() throws Exception {
    refuses(
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
      refuses(document, "missingValueStrategy=\"" + strategy + "\"");
    } else {
      try (Rows model = open(document)) {
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

  private static String voters(int number, String values, String output) {
    return """
    <PMML version="4.4"><Header/><DataDictionary><DataField name="x" optype="continuous" dataType="double"/>
    <DataField name="v" optype="categorical" dataType="string">%s</DataField></DataDictionary>
    <NearestNeighborModel functionName="classification" numberOfNeighbors="%d"><MiningSchema>
    <MiningField name="x"/><MiningField name="v" usageType="target"/></MiningSchema>%s
    <TrainingInstances isTransformed="false"><InstanceFields><InstanceField field="x" column="x"/>
    <InstanceField field="v" column="v"/></InstanceFields><InlineTable>
    <row><x>0</x><v>A</v></row><row><x>1</x><v>B</v></row><row><x>2</x><v>B</v></row>
    <row><x>3</x><v>A</v></row><row><x>4</x><v>A</v></row></InlineTable></TrainingInstances>
    <ComparisonMeasure kind="distance"><euclidean/></ComparisonMeasure>
    <KNNInputs><KNNInput field="x"/></KNNInputs></NearestNeighborModel></PMML>
    """
        .formatted(values, number, output);
  }

  @Test
  void neighboursMayVoteWhereThereIsNoTie() throws Exception {
    String two = "<Value value=\"A\"/><Value value=\"B\"/>";
    String output = "<Output><OutputField name=\"p\" feature=\"predictedValue\"/></Output>";
    for (String good : List.of(voters(1, "", output), voters(3, two, output))) {
      try (Rows model = open(good)) {
        assertThat(model.infer(List.of(1.2), List.of(3.6)).get("p")).containsExactly("B", "A");
      }
    }
    refuses(voters(2, two, output), "let those be odd");
    refuses(voters(3, two + "<Value value=\"C\"/>", output), "with as many neighbours");
    refuses(voters(3, "", output), "with as many neighbours");
    refuses(voters(3, two, ""), "no probabilities of neighbours");
    refuses(
        voters(3, two, output.replace("predictedValue", "probability\" value=\"A")),
        "no probabilities of neighbours");
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
      refuses(document, "takes values of two types for different in " + function + "(x");
    } else {
      try (Rows model = open(document)) {
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
    refuses(three, "a regression of the ordinal `v`");

    String two =
        three
            .replace("<Value value=\"M\"/>", "")
            .replace("<RegressionTable targetCategory=\"M\" intercept=\"1\"/>", "");
    try (Rows model = open(two)) {
      assertThat(model.infer(List.of(0)).get("probability_L")).containsExactly(1 / (1 + Math.E));
    }
  }

  /// By the standard the class with the most records would be predicted.
  @Test
  void refusesALeafWithoutAScore() throws Exception {
    String tree = Files.readString(PmmlBackendTest.model("tree"));
    refuses(tree.replace("id=\"1\" score=\"yes\"", "id=\"1\""), "ScoreDistribution and no score");

    String inside = tree.replace("id=\"0\" score=\"no\"", "id=\"0\"");
    try (Rows model = open(inside)) {
      assertThat(model.infer(List.of("red", 3)).get("predicted_ripe")).containsExactly("yes");
    }
    refuses(
        inside.replace("<TreeModel", "<TreeModel noTrueChildStrategy=\"returnLastPrediction\""),
        "ScoreDistribution and no score");
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
    refuses(
        PmmlBackendTest.LINE.replace(start, "<Output>" + early + later + "</Output>" + start),
        "output `t` is computed from `p`, which comes after it");
    try (Rows model =
        open(
            PmmlBackendTest.LINE.replace(
                start, "<Output>" + later + early + "</Output>" + start))) {
      var answer = model.infer(List.of(2));
      assertThat(answer.get("t")).containsExactly(7.0);
    }
  }

  @Test
  void aFieldOfDatesIsRefusedByItsName() throws Exception {
    refuses(
        PmmlBackendTest.LINE.replace(
            "name=\"x\" optype=\"continuous\" dataType=\"double\"",
            "name=\"x\" optype=\"continuous\" dataType=\"dateTime\""),
        "input `x` has the type `dateTime`");
  }

  @Test
  void whatTheEngineRefusesIsSaidInOneLine() throws Exception {
    refuses(
        PmmlBackendTest.LINE.replace("name=\"x\" coefficient", "name=\"nobody\" coefficient"),
        "the engine refuses it",
        "nobody");
  }

  @Test
  void aDocumentMayNestItsNodesButNotWithoutEnd() throws Exception {
    try (Rows deep = open(tree(195))) {
      assertThat(deep.infer(List.of(-1), List.of(1)))
          .isEqualTo(Map.of("predicted_y", List.of(1.0, 195.0)));
    }
    refuses(tree(100_000), "nests more than 200 elements");
  }

  /// A node in a node in a node: at 0.5 the deepest score, below zero the first.
  private static String tree(int depth) {
    var nodes = new StringBuilder("<Node score=\"1\"><True/>");
    for (int i = 2; i <= depth; i++) {
      nodes.append(
          "<Node score=\"%d\"><SimplePredicate field=\"x\" operator=\"greaterThan\" value=\"0\"/>"
              .formatted(i));
    }
    return PmmlBackendTest.START
        + "<TreeModel functionName=\"regression\" noTrueChildStrategy=\"returnLastPrediction\">"
        + PmmlBackendTest.SCHEMA
        + nodes
        + "</Node>".repeat(depth)
        + "</TreeModel></PMML>";
  }

  @Test
  void aLinkOutOfTheDirectoryIsRefused() throws Exception {
    Path outside = Files.createDirectory(directory.resolve("outside"));
    Files.writeString(outside.resolve("model.pmml"), PmmlBackendTest.LINE);
    Path inside = Files.createDirectory(directory.resolve("inside"));
    Files.createSymbolicLink(inside.resolve("model.pmml"), outside.resolve("model.pmml"));
    for (String entry : List.of("model.pmml", "../outside/model.pmml", "absent.pmml")) {
      assertThatThrownBy(() -> new PmmlBackend().open(inside, entry, 1))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining(entry);
    }
  }
}
