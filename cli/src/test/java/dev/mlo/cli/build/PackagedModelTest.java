package dev.mlo.cli.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.cli.Installation;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Images;
import dev.mlo.cli.project.ProjectReader;
import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.LayoutStore;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A new image around the model of another one.
class PackagedModelTest {
  @TempDir Path temporary;
  private Installation installation;
  private Path project;
  private Path elsewhere;

  @BeforeEach
  void projects() throws IOException {
    installation = Fixture.installation(temporary.resolve("home"));
    project = Fixture.iris(temporary.resolve("project"));
    Files.createDirectories(project.resolve("model"));
    Files.move(project.resolve("model.onnx"), project.resolve("model/model.onnx"));
    Fixture.write(project.resolve("model/labels/names.txt"), "setosa\n");
    try (var large = new RandomAccessFile(project.resolve("model/a-large.bin").toFile(), "rw")) {
      large.setLength(SourceFile.LARGE);
    }
    Fixture.replace(project.resolve("mlops.yaml"), "model: model.onnx", "model: model");
    elsewhere = Fixture.iris(temporary.resolve("elsewhere"));
    Files.delete(elsewhere.resolve("model.onnx"));
    Fixture.replace(elsewhere.resolve("mlops.yaml"), "model: model.onnx", "model: model");
  }

  private ImageBuild.Result from(String image) throws IOException {
    var request = Fixture.request(ProjectReader.readWithoutModel(elsewhere), false);
    try (Images.Located found = Images.in(elsewhere).open(image)) {
      return new ImageBuild(installation, BuildLog.SILENT).build(request, found);
    }
  }

  private Failure refusal(String image) {
    return Objects.requireNonNull(catchThrowableOfType(Failure.class, () -> from(image)));
  }

  private String built() {
    return "oci:" + project.resolve(".mlo/store") + ":iris:1.0.0";
  }

  @Test
  void theSameManifestGivesTheSameDigest() throws IOException {
    ImageBuild.Result original = Fixture.build(installation, project);

    ImageBuild.Result again = from(built());

    assertThat(again.digest()).isEqualTo(original.digest());
    assertThat(again.bytesWritten()).isLessThan(1 << 20);
  }

  @Test
  void anotherCardStandsOnTheSameLayers() throws IOException {
    ImageBuild.Result original = Fixture.build(installation, project);
    for (Path one : new Path[] {project, elsewhere}) {
      Fixture.replace(one.resolve("mlops.yaml"), "version: 1.0.0", "version: 1.0.1");
      Fixture.write(
          one.resolve("mlops.yaml"),
          Files.readString(one.resolve("mlops.yaml")).replaceAll("description: .*", "")
              + "\ndescription: The same weights, looked at again\n");
    }

    ImageBuild.Result next = from(built());

    assertThat(next.name()).isEqualTo("iris:1.0.1");
    assertThat(next.card().digest()).isEqualTo(original.card().digest());
    assertThat(next.card().description()).isEqualTo("The same weights, looked at again");
    assertThat(next.layers().subList(0, 5))
        .extracting(Layer::descriptor)
        .isEqualTo(original.layers().subList(0, 5).stream().map(Layer::descriptor).toList());
    assertThat(next.digest())
        .isNotEqualTo(original.digest())
        .isEqualTo(Fixture.build(installation, project).digest());
    assertThat(LayoutStore.open(elsewhere.resolve(".mlo/store")).tags()).containsKey("iris:1.0.1");
  }

  @Test
  void anImageWithoutAModelIsRefused() throws IOException {
    Fixture.build(installation, project);
    LayoutStore home = LayoutStore.open(installation.store());
    LayoutStore plain = LayoutStore.create(temporary.resolve("plain"));
    var runner = home.resolve(RunnerStore.NAME);
    Copy.copy(home, runner, plain, CopyLog.SILENT);
    plain.tag("runner:1", runner);

    assertThat(refusal("oci:" + temporary.resolve("plain") + ":runner:1").code())
        .isEqualTo(ExitCode.REFUSED);
    assertThat(elsewhere.resolve(".mlo/store")).doesNotExist();
  }

  @Test
  void aManifestThatDeclaresAnotherModelIsRefused() throws IOException {
    Fixture.build(installation, project);
    Fixture.replace(
        elsewhere.resolve("mlops.yaml"),
        "model: model",
        "model: {path: model, inputs: [{name: other, datatype: FP32, shape: [-1, 4]}]}");

    Failure failure = refusal(built());

    assertThat(failure.code()).isEqualTo(ExitCode.MANIFEST);
    assertThat(failure.what()).contains("declares another model");
    assertThat(elsewhere.resolve(".mlo/store")).doesNotExist();
  }

  @Test
  void withoutAnImageTheModelMustBeThere() {
    Failure failure =
        Objects.requireNonNull(
            catchThrowableOfType(Failure.class, () -> ProjectReader.read(elsewhere)));

    assertThat(failure.why().toString()).contains("model");
  }
}
