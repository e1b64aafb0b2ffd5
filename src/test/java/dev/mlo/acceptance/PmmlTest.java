package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The second engine, from the file to the swap: it comes and goes as one layer.
@ExtendWith(Installed.class)
class PmmlTest {
  private static final String ROW =
      """
      {"inputs": [
        {"name": "sepal_length", "datatype": "FP64", "shape": [1], "data": [%s]},
        {"name": "sepal_width", "datatype": "FP64", "shape": [1], "data": [3.5]},
        {"name": "petal_length", "datatype": "FP64", "shape": [1], "data": [1.4]},
        {"name": "petal_width", "datatype": "FP64", "shape": [%d], "data": [%s]}]}
      """;

  @TempDir Path folder;

  private Mlo project(Mlo user, String template) throws Exception {
    Path project = Files.createDirectory(folder.resolve(template));
    Mlo mlo = user.in(project);
    Outcome made = mlo.run("init", "--template", template, "--name", "iris");
    assertThat(made.exit()).as(made.stderr()).isZero();
    Outcome built = mlo.run("build", "-q");
    assertThat(built.exit()).as(built.stderr()).isZero();
    return mlo;
  }

  private static HttpResponse<String> ask(ServedModel served, HttpClient client, String body)
      throws Exception {
    return served.infer(client, body.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  /// The files of the engine's own tests, without a manifest and without examples.
  @ParameterizedTest
  @ValueSource(strings = {"tree", "scorecard", "bayes", "boosting", "neighbours"})
  void aBareFileIsBuiltAndAnswers(String name, Mlo user) throws Exception {
    Path project = Files.createDirectory(folder.resolve(name));
    Path models =
        Path.of(System.getProperty("mlo.root", "."), "backends/pmml/src/test/resources/models");
    Files.copy(models.resolve(name + ".pmml"), project.resolve(name + ".pmml"));
    Mlo mlo = user.in(project);

    assertThat(mlo.run("init").exit()).isZero();
    assertThat(mlo.run("build", "-q").exit()).isZero();
    Outcome tested = mlo.run("test", "-q");
    assertThat(tested.word()).as(tested.stderr()).isEqualTo("passed");
  }

  @Test
  void aWrongRequestIsTheClientsAndTheRunnerServesOn(Mlo user) throws Exception {
    Mlo mlo = project(user, "pmml");
    try (ServedModel served = ServedModel.start(mlo, mlo.directory(), "iris:0.1.0");
        HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> good = ask(served, client, ROW.formatted("5.1", 1, "0.2"));
      assertThat(good.statusCode()).as(good.body()).isEqualTo(200);
      assertThat(good.body()).contains("setosa", "0.9771115119926");

      HttpResponse<String> uneven = ask(served, client, ROW.formatted("5.1", 2, "0.2, 0.3"));
      assertThat(uneven.statusCode()).isEqualTo(400);
      assertThat(uneven.body()).contains("input `petal_width` has 2 values");

      HttpResponse<String> shape =
          ask(served, client, ROW.formatted("5.1", 1, "0.2").replaceFirst("\\[1\\]", "[1, 1]"));
      assertThat(shape.statusCode()).isEqualTo(400);
      assertThat(shape.body()).contains("sepal_length");

      assertThat(ask(served, client, ROW.formatted("5.1", 1, "0.2")).body())
          .contains("0.9771115119926");
    }
  }

  @Test
  void anImageHasTheEngineOfItsModelOnlyAndSaysWhatIsInIt(Mlo user) throws Exception {
    Mlo pmml = project(user, "pmml");
    Mlo onnx = project(user, "onnx");

    assertThat(engines(pmml)).containsExactly("pmml");
    assertThat(engines(onnx)).containsExactly("onnx");
    List<String> names =
        pmml.run("inspect", "iris:0.1.0", "--bom")
            .json()
            .path("components")
            .findValuesAsText("name");
    assertThat(names)
        .contains("pmml4s_3", "scala-library", "mlo-backend-pmml", "mlo-pmml-document")
        .doesNotContain("onnxruntime");
  }

  private static List<String> engines(Mlo mlo) {
    JsonNode image = mlo.run("inspect", "iris:0.1.0", "-o", "json").json();
    var engines = new java.util.TreeSet<String>();
    for (JsonNode layer : image.findValues("layers").getFirst()) {
      String text = layer.toString();
      if (text.contains("\"backend\"")) {
        engines.add(text.contains("pmml") ? "pmml" : "onnx");
      }
    }
    return List.copyOf(engines);
  }

  @Test
  void aModelOfAnotherFormatIsNoSwapForARunner(Mlo user) throws Exception {
    Mlo mlo = project(user, "onnx");
    byte[] request = Files.readAllBytes(mlo.directory().resolve("examples/one.json"));
    Outcome other = mlo.run("init", "--template", "pmml", "--name", "iris", "--force");
    assertThat(other.exit()).as(other.stderr()).isZero();
    Path manifest = mlo.directory().resolve("mlops.yaml");
    Files.writeString(
        manifest, Files.readString(manifest).replace("version: 0.1.0", "version: 0.2.0"));
    assertThat(mlo.run("build", "-q").exit()).isZero();
    try (ServedModel served = ServedModel.start(mlo, mlo.directory(), "iris:0.1.0");
        HttpClient client = HttpClient.newHttpClient()) {
      Outcome swapped = mlo.run("swap", "iris:0.2.0", "--runner", served.admin());

      assertThat(swapped.exit()).as(swapped.stderr()).isEqualTo(12);
      assertThat(swapped.stderr())
          .contains("no engine for format `pmml` here; there is [onnx]")
          .contains("mlo run iris:0.2.0");
      assertThat(served.infer(client, request).body())
          .contains("setosa", "\"model_version\":\"0.1.0\"");
    }
  }

  @Test
  void aDocumentThatIsNotServedIsRefusedBeforeAnythingIsBuilt(Mlo user) throws Exception {
    Mlo mlo = project(user, "pmml");
    Path model = mlo.directory().resolve("model.pmml");
    String document = Files.readString(model);

    Files.writeString(
        model, document.replace("<PMML", "<!DOCTYPE PMML SYSTEM \"file:///etc/hostname\">\n<PMML"));
    Outcome doctype = mlo.run("build");
    assertThat(doctype.exit()).isEqualTo(3);
    assertThat(doctype.stderr()).contains("has a DOCTYPE");

    Files.writeString(model, document.replace("RegressionModel", "BayesianNetworkModel"));
    Outcome family = mlo.run("validate");
    assertThat(family.exit()).isEqualTo(3);
    assertThat(family.stderr()).contains("the engine lacks models of the family Bayesian network");
  }
}
