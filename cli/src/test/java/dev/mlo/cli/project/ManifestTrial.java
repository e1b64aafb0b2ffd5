package dev.mlo.cli.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A project that lacks nothing but a manifest.
record ManifestTrial(Path directory) {
  static ManifestTrial in(Path temporary) throws IOException {
    Path directory = Files.createDirectories(temporary.toRealPath().resolve("project"));
    var project = new ManifestTrial(directory);
    project.put("model.onnx", "a model");
    project.put("examples/one.json", "{}");
    project.put("examples/one.expected.json", "{}");
    project.put("data/train.csv", "1");
    project.put("metrics.json", "{\"auc\": 0.5}");
    return project;
  }

  Path put(String name, String content) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.resolveSibling(""));
    return Files.writeString(file, content);
  }

  Project read(String manifest) throws IOException {
    put("mlops.yaml", manifest);
    return ProjectReader.read(directory);
  }

  /// What is wrong with a manifest, in the order of the places.
  List<String> mistakes(String manifest) throws IOException {
    return mistakes(manifest.getBytes(StandardCharsets.UTF_8));
  }

  List<String> mistakes(byte[] manifest) throws IOException {
    Files.write(directory.resolve("mlops.yaml"), manifest);
    Failure failure = refusal();
    assertThat(failure.what()).startsWith("`%s` has ".formatted(directory.resolve("mlops.yaml")));
    return failure.why();
  }

  /// Why the project is not read.
  Failure refusal() {
    Failure failure = catchThrowableOfType(Failure.class, () -> ProjectReader.read(directory));
    assertThat(failure).isNotNull();
    assertThat(failure.code()).isEqualTo(ExitCode.MANIFEST);
    return failure;
  }
}
