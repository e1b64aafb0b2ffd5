package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Looking at images, here and in a registry, and making room.
@SecondLane
@ExtendWith(Installed.class)
class LookTest {
  private static final int DRIFT = 11;

  @TempDir Path project;
  @TempDir Path registryFiles;

  private static JsonNode json(Outcome outcome) {
    assertThat(outcome.exit()).as(outcome.stderr()).isZero();
    return outcome.json();
  }

  private static String causes(Outcome diff) {
    return json(diff).path("causes").toString();
  }

  @Test
  void aDifferenceIsExplained(Mlo user) throws IOException {
    Mlo mlo = user.in(project);
    IrisProject.lay(project, "1.0.0");
    mlo.run("build", "-q", "--tag", "same");
    String manifest = Files.readString(project.resolve("mlops.yaml"));
    Files.writeString(
        project.resolve("mlops.yaml"), manifest.replace("version: 1.0.0", "version: 1.0.1"));
    mlo.run("build", "-q");
    IrisProject.lay(project, "2.0.0");
    mlo.run("build", "-q");

    Outcome same = mlo.run("diff", "iris:1.0.0", "iris:same", "--check");
    assertThat(same.exit()).isZero();
    assertThat(mlo.run("diff", "iris:1.0.0", "iris:same", "-q").word()).isEqualTo("same");
    assertThat(mlo.run("diff", "iris:1.0.0", "iris:1.0.1", "--check").exit()).isEqualTo(DRIFT);
    assertThat(causes(mlo.run("diff", "iris:1.0.0", "iris:1.0.1", "-o", "json")))
        .isEqualTo("[\"the card differs: version\"]");
    Outcome versions = mlo.run("diff", "iris:1.0.0", "iris:2.0.0", "-o", "json");
    assertThat(causes(versions)).contains("the model file `model.onnx` has other bytes");
    assertThat(versions.json().path("compatible").asBoolean()).isTrue();
    assertThat(versions.json().path("sharedLayers")).hasSizeGreaterThan(3);
    assertThat(mlo.run("diff", "iris:1.0.0", "iris:2.0.0").stdout())
        .contains("why the digests differ", "clients of the first can go on with the second");
    assertThat(mlo.run("diff", "iris:1.0.0", "iris:3.0.0").exit()).isEqualTo(5);
  }

  @Test
  void aRepositoryIsListedAndComparedWithoutItsLayers(Mlo user) throws IOException {
    Mlo mlo = user.in(project);
    for (String version : new String[] {"1.0.0", "2.0.0"}) {
      IrisProject.lay(project, version);
      assertThat(mlo.run("build", "-q").exit()).isZero();
    }
    try (LocalRegistry registry = LocalRegistry.start(registryFiles)) {
      String repository = registry.host() + "/ml/iris";
      for (String version : new String[] {"1.0.0", "2.0.0"}) {
        Outcome pushed = mlo.run("push", "iris:" + version, repository + ":" + version);
        assertThat(pushed.exit()).as(pushed.stderr()).isZero();
      }

      JsonNode images = json(mlo.run("list", repository, "-o", "json")).path("images");

      assertThat(images.valueStream().map(image -> image.path("version").asText()))
          .containsExactly("1.0.0", "2.0.0");
      assertThat(images.path(0).path("format").asText()).isEqualTo("onnx");
      assertThat(images.path(1).path("model").path("name").asText()).isEqualTo("iris");
      assertThat(images.path(1).path("model").path("version").asText()).isEqualTo("2.0.0");
      assertThat(mlo.run("list", repository, "-q").stdout().lines())
          .containsExactly(repository + ":1.0.0", repository + ":2.0.0");
      assertThat(mlo.run("diff", "iris:1.0.0", repository + ":1.0.0", "--check").exit()).isZero();
      assertThat(causes(mlo.run("diff", "iris:1.0.0", repository + ":2.0.0", "-o", "json")))
          .contains("model.onnx");
      assertThat(mlo.run("list", repository + ":1.0.0").exit()).isEqualTo(2);
      assertThat(mlo.run("list", registry.host() + "/ml/nothing").exit()).isEqualTo(5);
    }
  }

  @Test
  void whatNobodyNamesMakesRoom(Mlo user) throws IOException {
    Mlo mlo = user.in(project);
    for (String version : new String[] {"1.0.0", "2.0.0"}) {
      IrisProject.lay(project, version);
      assertThat(mlo.run("build", "-q", "--tag", "latest").exit()).isZero();
      assertThat(mlo.run("test", "iris:" + version, "-q").exit()).isZero();
    }
    assertThat(mlo.run("promote", "iris:1.0.0", "--to", "dev").exit()).isZero();
    var stored = new StoredImages(project);

    JsonNode nothing = json(mlo.run("gc", "--older-than", "1ms", "-o", "json"));
    assertThat(nothing.path("blobs").asInt()).isZero();
    assertThat(json(mlo.run("gc", "--keep", "1", "-o", "json")).path("untagged")).isEmpty();

    // An environment keeps 1.0.0; without it only the newest stays.
    IrisProject.lay(project, "1.0.0");
    Files.writeString(
        project.resolve("mlops.yaml"),
        Files.readString(project.resolve("mlops.yaml"))
            .replace("version: 1.0.0", "version: 0.9.0"));
    assertThat(mlo.run("build", "-q").exit()).isZero();
    IrisProject.lay(project, "2.0.0");
    Files.writeString(
        project.resolve("mlops.yaml"),
        Files.readString(project.resolve("mlops.yaml"))
            .replace("version: 2.0.0", "version: 2.1.0"));
    assertThat(mlo.run("build", "-q").exit()).isZero();
    String[] clean = {"gc", "--keep", "1", "--older-than", "1ms", "-o", "json"};
    JsonNode planned =
        json(mlo.run("gc", "--keep", "1", "--older-than", "1ms", "--dry-run", "-o", "json"));
    assertThat(planned.path("untagged").toString()).contains("iris:0.9.0", "iris:2.0.0");
    assertThat(planned.path("untagged").toString()).doesNotContain("iris:1.0.0");
    JsonNode gone = json(mlo.run(clean));
    assertThat(gone.path("blobs").asInt()).isPositive();
    assertThat(planned.path("blobs")).isEqualTo(gone.path("blobs"));
    assertThat(planned.path("bytes")).isEqualTo(gone.path("bytes"));
    assertThat(json(mlo.run(clean)).path("blobs").asInt()).isZero();
    assertThat(mlo.run("list", "-q").stdout()).contains("iris:1.0.0", "iris:2.1.0");
    assertThat(mlo.run("list", "-q").stdout()).doesNotContain("iris:0.9.0");
    stored.verify("after gc");
    assertThat(mlo.run("test", "iris:2.1.0", "-q").word()).isEqualTo("passed");
    assertThat(mlo.run("inspect", "env:dev", "--tests").exit()).isZero();
  }
}
