package dev.mlo.cli.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Projects made of Kitfiles.
class KitfileTest {
  private MigrationTrial old;

  @BeforeEach
  void prepare(@TempDir Path temporary) throws IOException {
    old = MigrationTrial.in(temporary);
  }

  @Test
  void aKitfileCarriesWhatItSaysOfTheModelAndItsData() throws IOException {
    old.model("models/iris.onnx");
    old.put("data/train.csv", "1");
    old.put(
        "Kitfile",
        """
        manifestVersion: 1.0.0
        package:
          name: Iris Kit
          version: 1.10
          description: |
            Iris species
            from "four" measurements
          license: MIT
          authors: [Ada, "Bob: the second"]
        model:
          name: other
          path: ./models/iris.onnx
          framework: scikit-learn
          license: Apache-2.0
          parameters: {threshold: 0.71, names: [a, "b, c"], on: true}
          parts: [{path: lora.bin}]
        code: [{path: src/}]
        datasets:
          - {name: training, path: data/train.csv}
          - {name: gone, path: data/gone.csv}
          - {name: out, path: ../x.csv}
        docs: [{path: README.md}]
        prompts: []
        """);

    NewProject.Result result = old.from("Kitfile");
    Project project = ProjectReader.read(old.directory());

    assertThat(project.name()).isEqualTo("iris-kit");
    assertThat(project.version()).isEqualTo("1.10");
    assertThat(project.description()).isEqualTo("Iris species\nfrom \"four\" measurements");
    assertThat(project.license()).isEqualTo("MIT");
    assertThat(project.authors()).containsExactly("Ada", "Bob: the second");
    assertThat(project.labels()).containsEntry("framework", "scikit-learn");
    assertThat(String.valueOf(project.model().parameters()))
        .isEqualTo("{\"threshold\":0.71,\"names\":[\"a\",\"b, c\"],\"on\":true}");
    assertThat(String.valueOf(project.provenance()))
        .isEqualTo("{\"data\":[{\"name\":\"training\",\"path\":\"data/train.csv\"}]}");
    assertThat(old.reason(result, "model.license")).isEqualTo("`license` says `MIT` already");
    assertThat(old.reason(result, "datasets[1]")).contains("no file here");
    assertThat(old.reason(result, "datasets[2]")).contains("inside the project");
    assertThat(result.migration().left())
        .extracting(Migration.Left::what)
        .contains("model.parts", "code", "docs", "prompts");
  }

  @Test
  void theProjectsOwnDirectoryIsSearchedForTheModel() throws IOException {
    old.model("model.onnx");
    old.put("Kitfile", "manifestVersion: 1.0.0\nmodel: {path: ./}\n");
    assertThat(old.from("Kitfile").modelPath()).isEqualTo("model.onnx");
    Files.delete(old.directory().resolve("mlops.yaml"));
    Files.delete(old.directory().resolve("Kitfile"));
    assertThat(old.from(old.directory().toString()).modelPath()).isEqualTo("model.onnx");
  }

  @Test
  void aKitfileOfAPickleIsRefused() throws IOException {
    Files.write(old.directory().resolve("model.pkl"), new byte[] {(byte) 0x80, 4, 1, 2, 3});
    old.put("Kitfile", "manifestVersion: 1.0.0\nmodel: {path: model.pkl}\n");
    assertThat(old.refusal("Kitfile").why()).containsExactly("it is a Python pickle");
  }

  @Test
  void strangeTextIsQuotedOrLeft() throws IOException {
    old.model("model.onnx");
    old.put(
        "Kitfile",
        """
        package:
          description: "# \\u2028 {{name}} \\\\ \\" \\u200b \\U0001f600"
          version: 'not a tag'
          license: "a\\u0007b"
        model: {parameters: [1]}
        """);
    NewProject.Result result = old.from("Kitfile");
    assertThat(ProjectReader.read(old.directory()).description())
        .isEqualTo("# \u2028 {{name}} \\ \" \u200b \ud83d\ude00");
    assertThat(result.migration().left())
        .extracting(Migration.Left::what)
        .contains("package.version", "package.license", "model.parameters");
  }

  @Test
  void aParameterThatNoManifestTakesIsLeftAndTheOthersAreTaken() throws IOException {
    old.model("model.onnx");
    old.put(
        "Kitfile",
        """
        manifestVersion: 1.0.0
        model:
          path: model.onnx
          parameters: {seed: 12345678901234567890, rate: 0.5, limit: .inf}
        """);

    NewProject.Result result = old.from("Kitfile");

    assertThat(result.text()).contains("parameters: {rate: 0.5}");
    assertThat(old.reason(result, "model.parameters.seed")).contains("64 bits");
    assertThat(old.reason(result, "model.parameters.limit")).contains("finite");
  }
}
