package dev.mlo.cli.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Projects made of what other tools left. The iris model takes `features` FP32[-1,4] and gives
/// `label` BYTES[-1] and `probabilities` FP32[-1,3].
class MigrationTest {
  private static final Path EXAMPLES =
      Files.isDirectory(Path.of("examples")) ? Path.of("examples") : Path.of("../examples");

  private static final String INPUTS =
      """
        inputs: '[{"name": "features", "type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [-1, 4]}}]'
      """;

  @TempDir Path temporary;
  private Path directory = Path.of("");

  @BeforeEach
  void project() throws IOException {
    directory = Files.createDirectories(temporary.toRealPath().resolve("flowers"));
  }

  private Path put(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.resolveSibling(""));
    return Files.writeString(file, text);
  }

  private void model(String name) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.resolveSibling(""));
    Files.copy(EXAMPLES.resolve("iris/1.0.0/model.onnx"), file);
  }

  private NewProject.Result from(String path) throws IOException {
    return NewProject.create(new NewProject.Request(directory, null, Path.of(path), false, false));
  }

  private Failure refusal(String path) {
    Failure failure = catchThrowableOfType(Failure.class, () -> from(path));
    assertThat(directory.resolve("mlops.yaml")).doesNotExist();
    return Objects.requireNonNull(failure);
  }

  private static String reason(NewProject.Result result, String what) {
    return result.migration().left().stream()
        .filter(left -> left.what().equals(what))
        .map(Migration.Left::why)
        .findFirst()
        .orElse("not left");
  }

  // --- MLflow

  @Test
  void anMlflowModelWithTheFlavourOnnxCanBeBuiltAsItIs() throws IOException {
    model("run/iris-clf/model.onnx");
    put(
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

    NewProject.Result result = from("run/iris-clf");

    assertThat(result.name()).isEqualTo("iris-clf");
    assertThat(result.modelPath()).isEqualTo("run/iris-clf/model.onnx");
    assertThat(result.migration().tool()).isEqualTo("MLflow");
    assertThat(result.migration().carried())
        .containsExactly(
            "artifact_path", "flavors.onnx.data", "metadata.team (a label)", "run_id", "signature");
    assertThat(reason(result, "flavors.python_function")).contains("conda");
    assertThat(reason(result, "input_example.json")).contains("golden examples");
    assertThat(reason(result, "model_uuid")).contains("digest");
    assertThat(Validation.run(directory)).isInstanceOf(Validation.Outcome.Sound.class);
    Project project = ProjectReader.read(directory);
    assertThat(project.labels()).containsEntry("team", "risk");
    assertThat(String.valueOf(project.provenance())).contains("mlflow://runs/5f00c0ffee");
    assertThat(result.text())
        .startsWith("# yaml-language-server: $schema=.mlo/schema.json\n")
        .doesNotContain("\n  inputs:");
  }

  @Test
  void aNarrowerSignatureIsWrittenDownAndAnotherOneIsNot() throws IOException {
    model("model.onnx");
    put(
        "MLmodel",
        "flavors: {onnx: {data: model.onnx}}\nsignature:\n" + INPUTS.replace("-1, 4", "1, 4"));
    assertThat(from("MLmodel").text())
        .contains("  inputs:\n    - {name: features, datatype: FP32, shape: [1, 4]}\n");
    Files.delete(directory.resolve("mlops.yaml"));

    put(
        "MLmodel",
        "flavors: {onnx: {data: model.onnx}}\nsignature:\n" + INPUTS.replace("float32", "float64"));
    NewProject.Result result = from("MLmodel");
    assertThat(reason(result, "signature"))
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
    model("model.onnx");
    put("MLmodel", unnamed("inputs", "[" + tensor + "]"));
    assertThat(from("MLmodel").text())
        .contains("  inputs:\n    - {name: features, datatype: FP32, shape: [1, 4]}\n");
    Files.delete(directory.resolve("mlops.yaml"));

    put("MLmodel", unnamed("outputs", "[" + tensor + "]"));
    assertThat(reason(from("MLmodel"), "signature")).contains("have no names");
    Files.delete(directory.resolve("mlops.yaml"));

    put("MLmodel", unnamed("inputs", "[" + tensor + ", " + tensor + "]"));
    assertThat(reason(from("MLmodel"), "signature")).contains("have no names");
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
    model("model.onnx");
    put("MLmodel", unnamed("inputs", json));
    NewProject.Result result = from("MLmodel");
    assertThat(reason(result, "signature.inputs")).isNotEqualTo("not left");
    assertThat(result.migration().carried()).containsExactly("flavors.onnx.data");
  }

  @Test
  void columnsOfADataFrameAreLeftToTheModel() throws IOException {
    model("model.onnx");
    put(
        "MLmodel",
        """
        flavors: {onnx: {data: model.onnx}}
        signature:
          inputs: '[{"type": "double", "name": "sepal"}]'
          outputs: 'no json'
        """);
    NewProject.Result result = from("MLmodel");
    assertThat(reason(result, "signature.inputs")).contains("data frame");
    assertThat(reason(result, "signature.outputs")).contains("no JSON");
  }

  @Test
  void aPickledModelIsRefusedWithTheWayToOnnx() throws IOException {
    put("m/model.pkl", "x");
    put(
        "m/MLmodel",
        """
        flavors:
          python_function: {loader_module: mlflow.sklearn}
          sklearn: {pickled_model: model.pkl, serialization_format: cloudpickle}
        """);

    Failure failure = refusal("m");

    assertThat(failure.code()).isEqualTo(ExitCode.MANIFEST);
    assertThat(failure.why().getFirst())
        .isEqualTo("mlo serves the flavour onnx, this model has python_function, sklearn");
    assertThat(failure.hint()).contains("skl2onnx.to_onnx(model, X[:1])");

    model("model.onnx");
    assertThat(from("m").modelPath()).isEqualTo("model.onnx");
  }

  // --- KitOps

  @Test
  void aKitfileCarriesWhatItSaysOfTheModelAndItsData() throws IOException {
    model("models/iris.onnx");
    put("data/train.csv", "1");
    put(
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

    NewProject.Result result = from("Kitfile");
    Project project = ProjectReader.read(directory);

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
    assertThat(reason(result, "model.license")).isEqualTo("`license` says `MIT` already");
    assertThat(reason(result, "datasets[1]")).contains("no file here");
    assertThat(reason(result, "datasets[2]")).contains("inside the project");
    assertThat(result.migration().left())
        .extracting(Migration.Left::what)
        .contains("model.parts", "code", "docs", "prompts");
  }

  @Test
  void theProjectsOwnDirectoryIsSearchedForTheModel() throws IOException {
    model("model.onnx");
    put("Kitfile", "manifestVersion: 1.0.0\nmodel: {path: ./}\n");
    assertThat(from("Kitfile").modelPath()).isEqualTo("model.onnx");
    Files.delete(directory.resolve("mlops.yaml"));
    Files.delete(directory.resolve("Kitfile"));
    assertThat(from(directory.toString()).modelPath()).isEqualTo("model.onnx");
  }

  @Test
  void aKitfileOfAPickleIsRefused() throws IOException {
    Files.write(directory.resolve("model.pkl"), new byte[] {(byte) 0x80, 4, 1, 2, 3});
    put("Kitfile", "manifestVersion: 1.0.0\nmodel: {path: model.pkl}\n");
    assertThat(refusal("Kitfile").why()).containsExactly("it is a Python pickle");
  }

  // --- Cog

  @Test
  void ofACogYamlTheNameTheRegistryAndTheConcurrencyStay() throws IOException {
    model("model.onnx");
    put(
        "cog.yaml",
        """
        build:
          gpu: true
          python_version: "3.11"
          system_packages: [ffmpeg]
        image: r8.im/ada/hot_dog:latest
        predict: predict.py:Predictor
        concurrency: {max: 4}
        """);

    NewProject.Result result = from("cog.yaml");
    Project project = ProjectReader.read(directory);

    assertThat(project.name()).isEqualTo("hot-dog");
    assertThat(project.image().repository()).isEqualTo("r8.im/ada/hot_dog");
    assertThat(project.serve().workers()).isEqualTo(4);
    assertThat(result.migration().carried())
        .as("what was carried over is said once")
        .doesNotHaveDuplicates()
        .contains("image (as a name)", "image (as a repository)");
    assertThat(reason(result, "predict")).contains("Python code").contains("ONNX");
    assertThat(reason(result, "build.gpu")).contains("processor");
  }

  @Test
  void aCogYamlWithoutAModelSaysHowToGetOne() throws IOException {
    put("cog.yaml", "build: {python_version: '3.11'}\npredict: 'predict.py:Predictor'\n");
    Failure failure = refusal("cog.yaml");
    assertThat(failure.code()).isEqualTo(ExitCode.MANIFEST);
    assertThat(failure.why().getFirst()).contains("names code, not a model");
    assertThat(failure.hint()).contains("torch.onnx.export");
  }

  // --- all of them

  @Test
  void aFileIsKnownByWhatItHoldsWhenItsNameSaysNothing() throws IOException {
    model("model.onnx");
    put("kit.yaml", "manifestVersion: 1.0.0\npackage: {version: 2.0.0}\n");
    NewProject.Result result = from("kit.yaml");
    assertThat(result.migration().tool()).isEqualTo("KitOps");
    assertThat(ProjectReader.read(directory).version()).isEqualTo("2.0.0");
    Files.delete(directory.resolve("mlops.yaml"));
    put("other.yaml", "a: 1\n");
    assertThat(refusal("other.yaml").what()).contains("neither a model nor a file that mlo knows");
  }

  @Test
  void aPmmlModelIsTakenAsItIs() throws IOException {
    put(
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

    NewProject.Result result = from("model.xml");

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
    put("MLmodel", text);
    assertThat(refusal("MLmodel").code()).isEqualTo(ExitCode.MANIFEST);
  }

  @Test
  void depthAndSizeAreBounded() throws IOException {
    put("MLmodel", "a: " + "[".repeat(100_000));
    assertThat(refusal("MLmodel").why().toString()).contains("nested deeper than 20");
    put("MLmodel", "a: '" + "x".repeat(1 << 20) + "'\n");
    assertThat(refusal("MLmodel").why().toString()).contains("larger than 1 MiB");
  }

  @Test
  void strangeTextIsQuotedOrLeft() throws IOException {
    model("model.onnx");
    put(
        "Kitfile",
        """
        package:
          description: "# \\u2028 {{name}} \\\\ \\" \\u200b \\U0001f600"
          version: 'not a tag'
          license: "a\\u0007b"
        model: {parameters: [1]}
        """);
    NewProject.Result result = from("Kitfile");
    assertThat(ProjectReader.read(directory).description())
        .isEqualTo("# \u2028 {{name}} \\ \" \u200b \ud83d\ude00");
    assertThat(result.migration().left())
        .extracting(Migration.Left::what)
        .contains("package.version", "package.license", "model.parameters");
  }

  @Test
  void aModelElsewhereIsRefused() throws IOException {
    Path other = Files.createDirectories(temporary.toRealPath().resolve("other"));
    Files.copy(EXAMPLES.resolve("iris/1.0.0/model.onnx"), other.resolve("model.onnx"));
    Files.writeString(other.resolve("MLmodel"), "flavors: {onnx: {data: model.onnx}}\n");
    assertThat(refusal(other.toString()).what()).contains("is not below");
  }

  @Test
  void aNameThatIsNothingIsNone() throws IOException {
    model("iris/model.onnx");
    put("iris/MLmodel", "artifact_path: null\nflavors: {onnx: {data: model.onnx}}\n");

    NewProject.Result result = from("iris");

    assertThat(result.text()).doesNotContain("\"null\"");
  }

  @Test
  void whereMlflow3KeepsAModelIsNoName() throws IOException {
    model("iris/model.onnx");
    put(
        "iris/MLmodel",
        """
        artifact_path: mlflow-artifacts:/3/models/m-46f7ffbf3ee64cfb91b4d0c697ba7c9c/artifacts
        flavors: {onnx: {data: model.onnx}}
        mlflow_version: 3.9.0
        model_id: m-46f7ffbf3ee64cfb91b4d0c697ba7c9c
        prompts: null
        """);

    NewProject.Result result = from("iris");

    assertThat(result.name()).isNotEqualTo("artifacts");
    assertThat(reason(result, "artifact_path")).contains("names no model");
    assertThat(reason(result, "prompts")).as("it says nothing").isEqualTo("not left");
  }

  @Test
  void aParameterThatNoManifestTakesIsLeftAndTheOthersAreTaken() throws IOException {
    model("model.onnx");
    put(
        "Kitfile",
        """
        manifestVersion: 1.0.0
        model:
          path: model.onnx
          parameters: {seed: 12345678901234567890, rate: 0.5, limit: .inf}
        """);

    NewProject.Result result = from("Kitfile");

    assertThat(result.text()).contains("parameters: {rate: 0.5}");
    assertThat(reason(result, "model.parameters.seed")).contains("64 bits");
    assertThat(reason(result, "model.parameters.limit")).contains("finite");
  }
}
