package dev.mlo.backend.pmml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.backend.ModelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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
