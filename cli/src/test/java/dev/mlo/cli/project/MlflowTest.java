package dev.mlo.cli.project;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Projects made of MLflow models. The iris model takes `features` FP32[-1,4] and gives `label`
/// BYTES[-1] and `probabilities` FP32[-1,3].
class MlflowTest {
  private static final String INPUTS =
      """
        inputs: '[{"name": "features", "type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 4]}}]'
      """;

  private MigrationTrial old;

  @BeforeEach
  void prepare(@TempDir Path temporary) throws IOException {
    old = MigrationTrial.in(temporary);
  }

  @Test
  void anMlflowModelWithTheFlavourOnnxCanBeBuiltAsItIs() throws IOException {
    old.model("run/iris-clf/model.onnx");
    old.put(
        "run/iris-clf/MLmodel",
        """
        artifact_path: iris-clf
        flavors:
          onnx:
            code: null
            data: model.onnx
            onnx_version: 1.16.0
            providers: [CPUExecutionProvider]
          python_function:
            data: model.onnx
            env: {conda: conda.yaml, virtualenv: python_env.yaml}
            loader_module: mlflow.onnx
        metadata: {team: risk}
        mlflow_version: 2.20.1
        model_uuid: 0123456789abcdef
        run_id: 5f00c0ffee
        saved_input_example_info: {artifact_path: input_example.json, type: ndarray}
        signature:
        """
            + INPUTS
            + "  outputs: null\n  params: null\n"
            + "utc_time_created: '2026-01-02 03:04:05.678'\n");

    NewProject.Result result = old.from("run/iris-clf");

    assertThat(result.name()).isEqualTo("iris-clf");
    assertThat(result.modelPath()).isEqualTo("run/iris-clf/model.onnx");
    assertThat(result.migration().tool()).isEqualTo("MLflow");
    assertThat(result.migration().carried())
        .containsExactly(
            "artifact_path", "flavors.onnx.data", "metadata.team (a label)", "run_id", "signature");
    assertThat(old.reason(result, "flavors.python_function")).contains("conda");
    assertThat(old.reason(result, "input_example.json")).contains("golden examples");
    assertThat(old.reason(result, "model_uuid")).contains("digest");
    assertThat(Validation.run(old.directory())).isInstanceOf(Validation.Outcome.Sound.class);
    Project project = ProjectReader.read(old.directory());
    assertThat(project.labels()).containsEntry("team", "risk");
    assertThat(String.valueOf(project.provenance())).contains("mlflow://runs/5f00c0ffee");
    assertThat(result.text())
        .startsWith("# yaml-language-server: $schema=.mlo/schema.json\n")
        .doesNotContain("\n  inputs:");
  }

  @Test
  void aNarrowerSignatureIsWrittenDownAndAnotherOneIsNot() throws IOException {
    old.model("model.onnx");
    old.put(
        "MLmodel",
        "flavors: {onnx: {data: model.onnx}}\nsignature:\n" + INPUTS.replace("-1, 4", "1, 4"));
    assertThat(old.from("MLmodel").text())
        .contains("  inputs:\n    - {name: features, datatype: FP32, shape: [1, 4]}\n");
    Files.delete(old.directory().resolve("mlops.yaml"));

    old.put(
        "MLmodel",
        "flavors: {onnx: {data: model.onnx}}\nsignature:\n" + INPUTS.replace("float32", "float64"));
    NewProject.Result result = old.from("MLmodel");
    assertThat(old.reason(result, "signature"))
        .isEqualTo(
            "the model says otherwise: input `features` is declared as FP64[-1,4] and the file has"
                + " FP32[-1,4]");
    assertThat(result.text()).doesNotContain("\n  inputs:");
  }

  /// As MLflow writes it of numpy arrays: tensors without names.
  @Test
  void aSingleTensorWithoutANameIsTheModelsAndSeveralAreLeft() throws IOException {
    String tensor =
        "{\"type\": \"tensor\", \"tensor-spec\": {\"dtype\": \"float32\", \"shape\": [1, 4]}}";
    old.model("model.onnx");
    old.put("MLmodel", unnamed("inputs", "[" + tensor + "]"));
    assertThat(old.from("MLmodel").text())
        .contains("  inputs:\n    - {name: features, datatype: FP32, shape: [1, 4]}\n");
    Files.delete(old.directory().resolve("mlops.yaml"));

    old.put("MLmodel", unnamed("outputs", "[" + tensor + "]"));
    assertThat(old.reason(old.from("MLmodel"), "signature")).contains("have no names");
    Files.delete(old.directory().resolve("mlops.yaml"));

    old.put("MLmodel", unnamed("inputs", "[" + tensor + ", " + tensor + "]"));
    assertThat(old.reason(old.from("MLmodel"), "signature")).contains("have no names");
  }

  private static String unnamed(String side, String json) {
    return "flavors: {onnx: {data: model.onnx}}\nsignature:\n  %s: '%s'\n".formatted(side, json);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "5",
        "{\"a\": 1}",
        "[{\"type\": \"tensor\", \"tensor-spec\": {\"dtype\": \"complex64\", \"shape\": [1]}}]",
        "[{\"type\": \"tensor\", \"tensor-spec\": {\"dtype\": \"float32\", \"shape\": [-5]}}]",
        "[null]",
        "[[[[[["
      })
  void aSignatureThatIsNoneIsLeftAndTheRestCarriesOver(String json) throws IOException {
    old.model("model.onnx");
    old.put("MLmodel", unnamed("inputs", json));
    NewProject.Result result = old.from("MLmodel");
    assertThat(old.reason(result, "signature.inputs")).isNotEqualTo("not left");
    assertThat(result.migration().carried()).containsExactly("flavors.onnx.data");
  }

  @Test
  void columnsOfADataFrameAreLeftToTheModel() throws IOException {
    old.model("model.onnx");
    old.put(
        "MLmodel",
        """
        flavors: {onnx: {data: model.onnx}}
        signature:
          inputs: '[{"type": "double", "name": "sepal"}]'
          outputs: 'no json'
        """);
    NewProject.Result result = old.from("MLmodel");
    assertThat(old.reason(result, "signature.inputs")).contains("data frame");
    assertThat(old.reason(result, "signature.outputs")).contains("no JSON");
  }

  @Test
  void aPickledModelIsRefusedWithTheWayToOnnx() throws IOException {
    old.put("m/model.pkl", "x");
    old.put(
        "m/MLmodel",
        """
        flavors:
          python_function: {loader_module: mlflow.sklearn}
          sklearn: {pickled_model: model.pkl, serialization_format: cloudpickle}
        """);

    Failure failure = old.refusal("m");

    assertThat(failure.code()).isEqualTo(ExitCode.MANIFEST);
    assertThat(failure.why().getFirst())
        .isEqualTo("mlo serves the flavour onnx, this model has python_function, sklearn");
    assertThat(failure.hint()).contains("skl2onnx.to_onnx(model, X[:1])");

    old.model("model.onnx");
    assertThat(old.from("m").modelPath()).isEqualTo("model.onnx");
  }

  @Test
  void aNameThatIsNothingIsNone() throws IOException {
    old.model("iris/model.onnx");
    old.put("iris/MLmodel", "artifact_path: null\nflavors: {onnx: {data: model.onnx}}\n");

    NewProject.Result result = old.from("iris");

    assertThat(result.text()).doesNotContain("\"null\"");
  }

  @Test
  void whereMlflow3KeepsAModelIsNoName() throws IOException {
    old.model("iris/model.onnx");
    old.put(
        "iris/MLmodel",
        """
        artifact_path: mlflow-artifacts:/3/models/m-46f7ffbf3ee64cfb91b4d0c697ba7c9c/artifacts
        flavors: {onnx: {data: model.onnx}}
        mlflow_version: 3.9.0
        model_id: m-46f7ffbf3ee64cfb91b4d0c697ba7c9c
        prompts: null
        """);

    NewProject.Result result = old.from("iris");

    assertThat(result.name()).isNotEqualTo("artifacts");
    assertThat(old.reason(result, "artifact_path")).contains("names no model");
    assertThat(old.reason(result, "prompts")).as("it says nothing").isEqualTo("not left");
  }
}
