package dev.mlo.cli.project;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.cli.failure.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Projects made of what other tools left, whatever tool it was.
class MigrationTest {
  private MigrationTrial old;

  @BeforeEach
  void prepare(@TempDir Path temporary) throws IOException {
    old = MigrationTrial.in(temporary);
  }

  @Test
  void aFileIsKnownByWhatItHoldsWhenItsNameSaysNothing() throws IOException {
    old.model("model.onnx");
    old.put("kit.yaml", "manifestVersion: 1.0.0\npackage: {version: 2.0.0}\n");
    NewProject.Result result = old.from("kit.yaml");
    assertThat(result.migration().tool()).isEqualTo("KitOps");
    assertThat(ProjectReader.read(old.directory()).version()).isEqualTo("2.0.0");
    Files.delete(old.directory().resolve("mlops.yaml"));
    old.put("other.yaml", "a: 1\n");
    assertThat(old.refusal("other.yaml").what())
        .contains("neither a model nor a file that mlo knows");
  }

  @Test
  void aPmmlModelIsTakenAsItIs() throws IOException {
    old.put(
        "model.xml",
        """
        <?xml version="1.0"?>
        <PMML version="4.4">
          <DataDictionary>
            <DataField name="x" optype="continuous" dataType="double"/>
          </DataDictionary>
          <RegressionModel functionName="regression">
            <MiningSchema><MiningField name="x"/></MiningSchema>
          </RegressionModel>
        </PMML>
        """);

    NewProject.Result result = old.from("model.xml");

    assertThat(result.model().format()).isEqualTo("pmml");
    assertThat(result.text()).contains("path: model.xml").contains("format: pmml");
    assertThat(result.migration().happened()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "- a\n",
        "flavors: [",
        "a: &a [x, x]\nb: [*a, *a]\n",
        "a: !!python/object/apply:os.system ['true']\n",
        "name: a\nname: b\n",
        "\u0000",
        "flavors: {onnx: {data: ../../etc/passwd}}\n",
        "flavors: {onnx: {data: /etc/passwd}}\n",
        "flavors: {onnx: {data: \"a\\0b\"}}\n",
        "flavors: {onnx: [1]}\n",
        "flavors: 1\n",
        "signature: {inputs: 1}\n"
      })
  void aHostileFileIsRefusedWithOneMessage(String text) throws IOException {
    old.put("MLmodel", text);
    assertThat(old.refusal("MLmodel").code()).isEqualTo(ExitCode.MANIFEST);
  }

  @Test
  void depthAndSizeAreBounded() throws IOException {
    old.put("MLmodel", "a: " + "[".repeat(100_000));
    assertThat(old.refusal("MLmodel").why().toString()).contains("nested deeper than 20");
    old.put("MLmodel", "a: '" + "x".repeat(1 << 20) + "'\n");
    assertThat(old.refusal("MLmodel").why().toString()).contains("larger than 1 MiB");
  }

  @Test
  void aModelElsewhereIsRefused() throws IOException {
    Path elsewhere = Files.createDirectories(old.directory().resolveSibling("other"));
    var other = new MigrationTrial(elsewhere);
    other.model("model.onnx");
    other.put("MLmodel", "flavors: {onnx: {data: model.onnx}}\n");
    assertThat(old.refusal(elsewhere.toString()).what()).contains("is not below");
  }
}
