package dev.mlo.backend.pmml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.backend.ModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Documents that are not served at all.
class PmmlRefusalTest {
  @TempDir Path directory;
  private Trial trial;

  @BeforeEach
  void prepare() {
    trial = new Trial(directory);
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
    trial.refuses(
        doctype + PmmlBackendTest.LINE.replace("<Header/>", "<Header>&x;</Header>"),
        "has a DOCTYPE");
  }

  /// In whatever way the engine and its parser may decode a document, they see no DOCTYPE.
  @ParameterizedTest
  @ValueSource(
      strings = {"<!-- <!DOCTYPE x> -->", "<![CDATA[<!DOCTYPE x>]]>", "<?pi <!DOCTYPE x>?>"})
  void noDoctypeIsHiddenInText(String text) throws Exception {
    trial.refuses(
        PmmlBackendTest.LINE.replace("<Header/>", "<Header>" + text + "</Header>"),
        "has a DOCTYPE");
  }

  @Test
  void whatIsRememberedOfADocumentIsBounded() throws Exception {
    String values = "<Value value=\"\"/>".repeat(1_000_001);
    trial.refuses(
        PmmlBackendTest.LINE.replace(
            "dataType=\"string\"/>", "dataType=\"string\">" + values + "</DataField>"),
        "names more than a million things");
  }

  @Test
  void anEntityThatNobodyDefinedIsNoXml() throws Exception {
    trial.refuses(
        PmmlBackendTest.LINE.replace("<Header/>", "<Header>&x;</Header>"), "is not XML at 1:");
  }

  @Test
  void refusesWhatIsNoModel() throws Exception {
    trial.refuses("{}", "is not XML");
    trial.refuses(
        PmmlBackendTest.LINE.substring(0, PmmlBackendTest.LINE.length() - 20), "is not XML");
    trial.refuses("<html/>", "its root is `html`");
    trial.refuses(PmmlBackendTest.LINE.replace("www.dmg.org", "www.example.org"), "but not PMML");
    trial.refuses(PmmlBackendTest.START + "</PMML>", "holds no model");
    trial.refuses(
        PmmlBackendTest.LINE.replace("\"4.4\"", "\"2.1\""),
        "is PMML 2.1; the engine reads 3.0 to 4.4");
    trial.refuses(
        PmmlBackendTest.LINE.replace("version=\"4.4\"", ""), "does not say which version");
    trial.refuses(
        PmmlBackendTest.LINE.replace("regression\">", "regression\" isScorable=\"false\">"),
        "isScorable");
    trial.refuses(PmmlBackendTest.LINE + "<", "is not XML");
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
    trial.refuses(
        PmmlBackendTest.START
            + "<%s functionName=\"regression\">%s</%s></PMML>"
                .formatted(family, PmmlBackendTest.SCHEMA, family),
        "the engine lacks models of the family",
        family);
  }

  @Test
  void aFieldOfDatesIsRefusedByItsName() throws Exception {
    trial.refuses(
        PmmlBackendTest.LINE.replace(
            "name=\"x\" optype=\"continuous\" dataType=\"double\"",
            "name=\"x\" optype=\"continuous\" dataType=\"dateTime\""),
        "input `x` has the type `dateTime`");
  }

  @Test
  void whatTheEngineRefusesIsSaidInOneLine() throws Exception {
    trial.refuses(
        PmmlBackendTest.LINE.replace("name=\"x\" coefficient", "name=\"nobody\" coefficient"),
        "the engine refuses it",
        "nobody");
  }

  @Test
  void aDocumentMayNestItsNodesButNotWithoutEnd() throws Exception {
    try (Rows deep = trial.open(tree(195))) {
      assertThat(deep.infer(List.of(-1), List.of(1)))
          .isEqualTo(Map.of("predicted_y", List.of(1.0, 195.0)));
    }
    trial.refuses(tree(100_000), "nests more than 200 elements");
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
