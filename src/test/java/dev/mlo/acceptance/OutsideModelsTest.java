package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Models that nobody here made, from their bare file to a swap. They lie beside the project;
/// MLO_MODELS names another place; skipped where there are none.
@ExtendWith(Installed.class)
class OutsideModelsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"mnist-8", "logreg_iris"})
  void aBareFileIsBuiltTestedServedAndSwapped(String name, Mlo user) throws Exception {
    Path models = models();
    Path file = models.resolve(name).resolve("model.onnx");
    assumeTrue(Files.isRegularFile(file), "no such model: " + file);
    Path project = Files.createDirectory(folder.resolve("outside"));
    Files.copy(file, project.resolve("model.onnx"));
    Mlo mlo = user.in(project);

    assertThat(mlo.run("init").exit()).isZero();
    Outcome first = mlo.run("build", "-t", "one");
    assertThat(first.exit()).as(first.stderr()).isZero();
    Outcome tested = mlo.run("test", "outside:one", "-q");
    assertThat(tested.word()).as(tested.stderr()).isEqualTo("passed");
    Files.writeString(
        project.resolve("mlops.yaml"),
        Files.readString(project.resolve("mlops.yaml")) + "\nlabels: {try: two}\n");
    assertThat(mlo.run("build", "-t", "two").exit()).isZero();

    try (ServedModel served = ServedModel.start(mlo, project, "outside:one");
        HttpClient client = HttpClient.newHttpClient()) {
      Path request = models.resolve(name).resolve("test_data_set_oracle/v2_request.json");
      if (Files.exists(request)) {
        assertThat(served.infer(client, Files.readAllBytes(request)).statusCode()).isEqualTo(200);
      }
      Outcome swapped = mlo.run("swap", "outside:two", "--runner", served.admin());
      assertThat(swapped.exit()).as(swapped.stderr()).isZero();
      if (Files.exists(request)) {
        assertThat(served.infer(client, Files.readAllBytes(request)).statusCode()).isEqualTo(200);
      }
    }
  }

  private static Path models() {
    String named = System.getenv("MLO_MODELS");
    return named != null
        ? Path.of(named)
        : Path.of(System.getProperty("mlo.root", "."), "..", "shared", "models");
  }
}
