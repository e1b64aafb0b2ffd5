package dev.mlo.cli.project;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Projects made of files of Cog.
class CogTest {
  private MigrationTrial old;

  @BeforeEach
  void prepare(@TempDir Path temporary) throws IOException {
    old = MigrationTrial.in(temporary);
  }

  @Test
  void ofACogYamlTheNameTheRegistryAndTheConcurrencyStay() throws IOException {
    old.model("model.onnx");
    old.put(
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

    NewProject.Result result = old.from("cog.yaml");
    Project project = ProjectReader.read(old.directory());

    assertThat(project.name()).isEqualTo("hot-dog");
    assertThat(project.image().repository()).isEqualTo("r8.im/ada/hot_dog");
    assertThat(project.serve().workers()).isEqualTo(4);
    assertThat(result.migration().carried())
        .as("what was carried over is said once")
        .doesNotHaveDuplicates()
        .contains("image (as a name)", "image (as a repository)");
    assertThat(old.reason(result, "predict")).contains("Python code").contains("ONNX");
    assertThat(old.reason(result, "build.gpu")).contains("processor");
  }

  @Test
  void aCogYamlWithoutAModelSaysHowToGetOne() throws IOException {
    old.put("cog.yaml", "build: {python_version: '3.11'}\npredict: 'predict.py:Predictor'\n");
    Failure failure = old.refusal("cog.yaml");
    assertThat(failure.code()).isEqualTo(ExitCode.MANIFEST);
    assertThat(failure.why().getFirst()).contains("names code, not a model");
    assertThat(failure.hint()).contains("torch.onnx.export");
  }
}
