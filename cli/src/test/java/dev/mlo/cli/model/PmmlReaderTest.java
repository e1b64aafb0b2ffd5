package dev.mlo.cli.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Shape;
import dev.mlo.contract.TensorSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PmmlReaderTest {
  private static final String TREE =
      """
      <PMML version="4.2" xmlns="http://www.dmg.org/PMML-4_2">
        <DataDictionary>
          <DataField name="age" optype="continuous" dataType="integer"/>
          <DataField name="income" optype="continuous" dataType="double"/>
          <DataField name="rate" optype="continuous" dataType="float"/>
          <DataField name="town" optype="categorical" dataType="string"/>
          <DataField name="known" optype="categorical" dataType="boolean"/>
          <DataField name="id" optype="categorical" dataType="string"/>
          <DataField name="class" optype="categorical" dataType="integer">
            <Value value="0"/><Value value="1.0"/><Value value="9" property="missing"/>
          </DataField>
        </DataDictionary>
        <TreeModel functionName="classification">
          <MiningSchema>
            <MiningField name="age"/>
            <MiningField name="income" usageType="active"/>
            <MiningField name="rate"/>
            <MiningField name="town"/>
            <MiningField name="known"/>
            <MiningField name="id" usageType="supplementary"/>
            <MiningField name="class" usageType="predicted"/>
          </MiningSchema>
          <Node score="0" recordCount="2"><True/>
            <Node id="a" score="0" recordCount="2"><True/>
              <ScoreDistribution value="0" recordCount="1"/><ScoreDistribution value="1" recordCount="1"/>
            </Node>
          </Node>
        </TreeModel>
      </PMML>
      """;

  @TempDir Path directory;

  private Path put(String name, String document) throws IOException {
    return Files.writeString(directory.resolve(name), document);
  }

  private Failure refusal(String name, String document) throws IOException {
    Path file = put(name, document);
    return Objects.requireNonNull(
        catchThrowableOfType(Failure.class, () -> ModelReader.read(file)));
  }

  private static TensorSpec column(String name, DataType type) {
    return new TensorSpec(name, type, Shape.of(-1));
  }

  @Test
  void tellsWhatTheModelTakesAndGives() throws IOException {
    ModelDescription model = ModelReader.read(put("model.pmml", TREE));

    assertThat(model.format()).isEqualTo("pmml");
    assertThat(model.platformName()).isEqualTo("pmml_pmml4");
    assertThat(model.signature().inputs())
        .containsExactly(
            column("age", DataType.INT64),
            column("income", DataType.FP64),
            column("rate", DataType.FP32),
            column("town", DataType.BYTES),
            column("known", DataType.BOOL));
    assertThat(model.signature().outputs())
        .containsExactly(
            column("predicted_class", DataType.INT64),
            column("probability", DataType.FP64),
            column("probability_0", DataType.FP64),
            column("probability_1", DataType.FP64),
            column("node_id", DataType.BYTES));
    assertThat(model.notes()).containsExactly("a PMML document: tree, classification, PMML 4.2");
    assertThat(model.externalFiles()).isEmpty();
  }

  @Test
  void declaredOutputsAreTheOutputsThatLeaveTheModel() throws IOException {
    String output =
        """
        <Output>
          <OutputField name="label" feature="predictedValue"/>
          <OutputField name="p(1)" feature="probability" value="1" dataType="float"/>
          <OutputField name="inner" feature="probability" value="0" isFinalResult="false"/>
          <OutputField name="sure" feature="transformedValue" dataType="boolean" optype="categorical"/>
        </Output>
        """;
    ModelDescription model =
        ModelReader.read(put("model.pmml", TREE.replace("<Node score", output + "<Node score")));

    assertThat(model.signature().outputs())
        .containsExactly(
            column("label", DataType.FP64),
            column("p(1)", DataType.FP32),
            column("sure", DataType.BOOL));
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.pmml", "model.xml", "model", "MODEL.PMML"})
  void isKnownByItsContentWhateverItsName(String name) throws IOException {
    assertThat(ModelReader.read(put(name, "<?xml version=\"1.0\"?>\n" + TREE)).format())
        .isEqualTo("pmml");
  }

  @Test
  void mayBeEncodedInAnyWay() throws IOException {
    String document = "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n" + TREE;
    Path file = directory.resolve("model.pmml");
    Files.write(file, document.getBytes(StandardCharsets.UTF_16));
    assertThat(ModelReader.read(file).format()).isEqualTo("pmml");
    Files.write(file, ("\uFEFF" + TREE).getBytes(StandardCharsets.UTF_8));
    assertThat(ModelReader.read(file).format()).isEqualTo("pmml");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<?xml version='1.0'?><a/>|is an XML document, but not PMML: its root is `a`",
        "<PMML version='2.0'/>|is PMML 2.0; the engine reads 3.0 to 4.4",
        "<PMML version='4.4'><Header/></PMML>|holds no model",
        "<PMML version='4.4'>|is not XML at 1:21: XML document structures must start",
        "<!DOCTYPE PMML [<!ENTITY a 'a'>]><PMML>&a;</PMML>|has a DOCTYPE, which could define",
        "<!DOCTYPE html><html/>|is not a PMML model",
        "version https://git-lfs.github.com/spec/v1|is not a PMML model",
        "PMML|is not XML"
      })
  void whatIsNoModelIsRefusedInOneSentence(String document, String what) throws IOException {
    assertThat(refusal("model.pmml", document).what())
        .startsWith("the model `" + directory.resolve("model.pmml") + "` " + what);
  }

  @Test
  void everythingThatCannotBeServedIsNamedAtOnce() throws IOException {
    String document =
        TREE.replace(
                "name=\"age\" optype=\"continuous\" dataType=\"integer\"",
                "name=\"age\" optype=\"continuous\" dataType=\"date\"")
            .replace("<TreeModel functionName", "<TreeModel isScorable=\"false\" functionName")
            .replace("<MiningField name=\"town\"/>", "<MiningField name=\"city\"/>");

    Failure failure = refusal("model.pmml", document);

    assertThat(failure.what()).endsWith("cannot be served");
    assertThat(failure.why())
        .containsExactlyInAnyOrder(
            "the model says of itself that it is not for scoring (isScorable)",
            "input `age` has the type `date`, which is not served; a number can stand for it",
            "input `city` is not in the data dictionary");
  }

  @ParameterizedTest
  @CsvSource({
    "AssociationModel,association rules",
    "BayesianNetworkModel,Bayesian network",
    "GaussianProcessModel,Gaussian process",
    "SequenceModel,sequences",
    "TextModel,text",
    "TimeSeriesModel,time series",
    "BaselineModel,baseline"
  })
  void aFamilyTheEngineLacksIsNamed(String element, String family) throws IOException {
    assertThat(refusal("model.pmml", TREE.replace("TreeModel", element)).why())
        .contains("the engine lacks models of the family %s (%s)".formatted(family, element));
  }

  @Test
  void ofSeveralModelsTheFirstIsServedAndThatIsSaid() throws IOException {
    String second = TREE.substring(TREE.indexOf("<TreeModel"), TREE.indexOf("</PMML>"));
    ModelDescription model =
        ModelReader.read(
            put(
                "model.pmml",
                TREE.replace("</PMML>", second.replace("TreeModel", "TextModel") + "</PMML>")));

    assertThat(model.notes()).contains("the document holds 2 models; the first is served");
  }

  @Test
  void aTargetWithoutValuesHasTheProbabilityOfThePredictionOnly() throws IOException {
    String document = TREE.replaceAll("<Value value=\"(0|1.0)\"/>", "");
    ModelDescription model = ModelReader.read(put("model.pmml", document));

    assertThat(model.signature().outputs())
        .containsExactly(
            column("predicted_class", DataType.INT64),
            column("probability", DataType.FP64),
            column("node_id", DataType.BYTES));
    assertThat(model.notes()).last().asString().startsWith("the target lists no values");
  }

  @Test
  void bothKindsOfModelsAreFoundInADirectory() throws IOException {
    Path pmml = put("model.pmml", TREE);
    put("notes.xml", "<a/>");
    assertThat(ModelReader.findEntry(directory)).contains(pmml);
    assertThat(ModelReader.candidates(directory)).isEqualTo(List.of(pmml));

    Files.write(directory.resolve("model.onnx"), OnnxBytes.identity());
    Failure failure =
        Objects.requireNonNull(
            catchThrowableOfType(Failure.class, () -> ModelReader.findEntry(directory)));
    assertThat(failure.hint())
        .isEqualTo("name one of them, or call the one to open model.onnx or model.pmml");
  }
}
