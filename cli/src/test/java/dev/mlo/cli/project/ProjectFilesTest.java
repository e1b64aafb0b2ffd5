package dev.mlo.cli.project;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The files a manifest names, and the file it is.
class ProjectFilesTest {
  private ManifestTrial project;

  @BeforeEach
  void project(@TempDir Path temporary) throws IOException {
    project = ManifestTrial.in(temporary);
  }

  @Test
  void aFileWithNearlyThatNameIsOffered() throws IOException {
    assertThat(
            project.mistakes(
                """
                name: iris
                model: modle.onnx
                examples: [{request: examples/One.json, response: nothing/alike.json}]
                """))
        .containsExactly(
            "mlops.yaml:2:8: `model`: `modle.onnx` does not exist; did you mean `model.onnx`?",
            "mlops.yaml:3:22: `examples[0].request`: `examples/One.json` does not exist;"
                + " did you mean `examples/one.json`?",
            "mlops.yaml:3:51: `examples[0].response`: `nothing/alike.json` does not exist");
  }

  @Test
  void noManifestPointsToInit() {
    Failure failure = project.refusal();

    assertThat(failure.what())
        .isEqualTo("there is no `mlops.yaml` in `%s`".formatted(project.directory()));
    assertThat(failure.hint()).isEqualTo("mlo init " + project.directory());
  }

  @Test
  void aManifestWithTheOtherEndingIsPointedOut() throws IOException {
    project.put("mlops.yml", "name: a");

    assertThat(project.refusal().hint())
        .isEqualTo(
            "mv %s %s"
                .formatted(
                    project.directory().resolve("mlops.yml"),
                    project.directory().resolve("mlops.yaml")));
  }

  @Test
  void aManifestThatIsNoFileIsRefused() throws IOException {
    Files.createDirectory(project.directory().resolve("mlops.yaml"));

    assertThat(project.refusal().what())
        .isEqualTo(
            "the manifest `%s` is no file".formatted(project.directory().resolve("mlops.yaml")));
  }

  @Test
  void filesMayNotLeaveTheProjectThroughLinks() throws IOException {
    Path outside = Files.writeString(project.directory().resolveSibling("outside.onnx"), "x");
    Files.createSymbolicLink(project.directory().resolve("link.onnx"), outside);
    Files.createSymbolicLink(project.directory().resolve("dangling.onnx"), Path.of("nowhere"));

    assertThat(project.mistakes("name: a\nmodel: link.onnx\n"))
        .containsExactly(
            "mlops.yaml:2:8: `model`: `link.onnx` leads out of the project through a link");
    assertThat(project.mistakes("name: a\nmodel: dangling.onnx\n"))
        .containsExactly(
            "mlops.yaml:2:8: `model`: `dangling.onnx` is a link to something that does not exist");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/etc/hostname", "..", "a/../../b", "../x"})
  void pathsThatLeaveTheProjectAreRefused(String path) throws IOException {
    assertThat(project.mistakes("name: a\nmodel: %s\n".formatted(path)))
        .containsExactly(
            "mlops.yaml:2:8: `model`: found `%s`, expected a path inside the project, relative to the manifest"
                .formatted(path));
  }

  @ParameterizedTest
  @ValueSource(strings = {".", ".mlo", ".mlo/store"})
  void theProjectItselfIsNoModel(String path) throws IOException {
    Files.createDirectories(project.directory().resolve(".mlo/store"));

    assertThat(project.mistakes("name: a\nmodel: %s\n".formatted(path)))
        .containsExactly(
            "mlops.yaml:2:8: `model`: `%s` is the project's directory or mlo's own, expected a file or directory below it"
                .formatted(path));
  }

  @Test
  void aPipeIsNoModel() throws Exception {
    Path pipe = project.directory().resolve("pipe.onnx");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    assertThat(project.mistakes("name: a\nmodel: pipe.onnx\n"))
        .containsExactly(
            "mlops.yaml:2:8: `model`: `pipe.onnx` is a pipe, a socket or a device, expected a"
                + " file");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[1]|holds no object, expected `{\"accuracy\": 0.9}`",
        "{\"auc\": \"good\"}|gives `auc`, which is no number",
        "{|cannot be read as JSON: Unexpected end-of-input"
      })
  void aMetricsFileMustHoldNumbers(String content, String reason) throws IOException {
    project.put("metrics.json", content);

    assertThat(
            project.mistakes("name: a\nmodel: model.onnx\nprovenance: {metrics: metrics.json}\n"))
        .singleElement()
        .asString()
        .startsWith("mlops.yaml:3:23: `provenance.metrics`: `metrics.json` " + reason);
  }

  @Test
  void aManifestMayBeNamedItself() throws IOException {
    Path other = project.put("other.yaml", "name: a\nmodel: model.onnx\n");

    assertThat(ProjectReader.read(other).manifest()).isEqualTo(other);
  }
}
