package dev.mlo.cli.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelSearchTest {
  @TempDir Path directory;

  private Path put(String name) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.resolveSibling(""));
    return Files.write(file, OnnxBytes.identity());
  }

  @Test
  void theOnlyModelIsTheEntry() throws IOException {
    Path model = put("deep/er/net.ONNX");
    put(".mlo/store/old.onnx");
    put("node_modules/x/y.onnx");
    Files.writeString(directory.resolve("readme.txt"), "x");

    assertThat(ModelReader.findEntry(directory)).contains(model);
  }

  @Test
  void modelOnnxIsPreferred() throws IOException {
    put("a.onnx");
    Path model = put("model.onnx");

    assertThat(ModelReader.findEntry(directory)).contains(model);
  }

  @Test
  void severalModelsAreListed() throws IOException {
    put("b.onnx");
    put("sub/a.onnx");

    Failure failure = catchThrowableOfType(Failure.class, () -> ModelReader.findEntry(directory));

    assertThat(failure.what()).isEqualTo("there are 2 models in `%s`".formatted(directory));
    assertThat(failure.why()).containsExactly("b.onnx", "sub/a.onnx");
  }

  @Test
  void nothingFoundIsNoFailure() {
    assertThat(ModelReader.findEntry(directory)).isEmpty();
    assertThat(ModelReader.findEntry(directory.resolve("gone"))).isEmpty();
  }
}
