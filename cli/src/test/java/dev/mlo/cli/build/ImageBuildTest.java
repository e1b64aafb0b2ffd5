package dev.mlo.cli.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.cli.Installation;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.ProjectReader;
import dev.mlo.contract.Labels;
import dev.mlo.contract.ModelCard;
import dev.mlo.json.Json;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.LayerReader;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageBuildTest {
  @TempDir Path temporary;
  private Path project = Path.of("");
  private Installation installation = new Installation(Path.of(""));

  @BeforeEach
  void prepare() throws IOException {
    installation = Fixture.installation(temporary.resolve("home"));
    project = Fixture.iris(temporary.resolve("project"));
  }

  private ImageBuild.Result build() throws IOException {
    return Fixture.build(installation, project);
  }

  private LayoutStore store() throws IOException {
    return LayoutStore.open(project.resolve(".mlo/store"));
  }

  private Failure refusal() {
    return Objects.requireNonNull(catchThrowableOfType(Failure.class, this::build));
  }

  @Test
  void imageHoldsRunnerEngineModelCardAndExamples() throws IOException {
    ImageBuild.Result result = build();
    LayoutStore store = store();
    Descriptor image = store.resolve("iris:1.0.0");
    Manifest manifest = Manifest.parse(store.manifest(image));
    ImageConfig config = ImageConfig.parse(store.manifest(manifest.config()));
    assertThat(image.digest()).isEqualTo(result.digest());
    assertThat(manifest.layers())
        .extracting(layer -> layer.annotations().get(Labels.LAYER_ROLE))
        .containsExactly("base", "jre", "runner", "backend", "model");
    assertThat(config.diffIds())
        .containsExactlyElementsOf(manifest.layers().stream().map(Descriptor::digest).toList());
    assertThat(manifest.annotations())
        .containsEntry("org.opencontainers.image.version", "1.0.0")
        .doesNotContainKey("org.opencontainers.image.created");
    Path out = temporary.resolve("out");
    try (var layer = store.blob(manifest.layers().getLast())) {
      LayerReader.unpack(layer, config.diffIds().getLast(), out, LayerReader.Limits.DEFAULT);
    }
    ModelCard inLabel =
        Json.parse(
            Objects.requireNonNull(config.labels().get(Labels.CARD))
                .getBytes(StandardCharsets.UTF_8),
            ModelCard.class);
    Path models = out.resolve("models");
    assertThat(Json.parse(Files.readAllBytes(models.resolve("mlops.json")), ModelCard.class))
        .isEqualTo(inLabel);
    assertThat(models.resolve("model.onnx")).hasSameBinaryContentAs(project.resolve("model.onnx"));
    assertThat(models.resolve(inLabel.examples().getFirst().request()))
        .hasSameBinaryContentAs(project.resolve("examples/one.json"));
  }

  @Test
  void rebuildWritesNothing() throws IOException {
    ImageBuild.Result first = build();
    ImageBuild.Result second = build();
    assertThat(first.unchanged()).isFalse();
    assertThat(second.unchanged()).isTrue();
    assertThat(second.digest()).isEqualTo(first.digest());
    assertThat(second.bytesWritten()).isZero();
    assertThat(second.layersReused()).isEqualTo(5);
  }

  @Test
  void changedModelUnderTheSameVersionMovesTheNameAndSaysSo() throws IOException {
    ImageBuild.Result first = build();
    Files.copy(
        Fixture.repository().resolve("examples/iris/2.0.0/model.onnx"),
        project.resolve("model.onnx"),
        java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    ImageBuild.Result second = build();
    assertThat(second.replaced()).isEqualTo(first.digest());
    assertThat(store().resolve("iris:1.0.0").digest()).isEqualTo(second.digest());
  }

  @Test
  void sameSizeAndModificationTimeDoNotHideOtherBytes() throws IOException {
    Path data = project.resolve("data/iris.csv");
    FileTime time = Files.getLastModifiedTime(data);
    ImageBuild.Result first = build();
    build();
    assertThat(Files.readString(project.resolve(".mlo/build-index.json")))
        .as("the second build no longer finds the file too fresh to remember")
        .contains("/data/iris.csv");
    Fixture.replace(data, "5.1", "5.2");
    Files.setLastModifiedTime(data, time);
    assertThat(build().digest()).isNotEqualTo(first.digest());
  }

  @Test
  void dryRunFindsTheDigestAndWritesNothing() throws IOException {
    new RunnerImage(installation, BuildLog.SILENT).build(Fixture.onBundled());
    var request = Fixture.request(ProjectReader.read(project), true);
    ImageBuild.Result tried = new ImageBuild(installation, BuildLog.SILENT).build(request);
    assertThat(project.resolve(".mlo")).doesNotExist();
    assertThat(build().digest()).isEqualTo(tried.digest());
  }

  @Test
  void exampleThatDoesNotFitTheModelIsRefusedBeforeAnythingIsWritten() throws IOException {
    Fixture.replace(project.resolve("examples/one.json"), "features", "feature");
    Failure failure = refusal();
    assertThat(failure.code()).isEqualTo(ExitCode.MANIFEST);
    assertThat(failure.why().getFirst()).contains("examples/one.json", "`feature`");
    assertThat(project.resolve(".mlo")).doesNotExist();
  }

  @Test
  void versionIsMadeOfTheContentWhereNobodyGivesOne() throws IOException {
    Fixture.replace(project.resolve("mlops.yaml"), "version: 1.0.0\n", "");
    ImageBuild.Result result = build();
    assertThat(result.card().version()).matches("[0-9a-f]{12}");
    assertThat(build().name()).isEqualTo(result.name());
  }

  @Test
  void largeFileIsALayerOfItsOwnThatTheNextVersionShares() throws IOException {
    Path weights = project.resolve("model/weights.bin");
    Files.createDirectories(weights.resolveSibling(""));
    try (RandomAccessFile file = new RandomAccessFile(weights.toFile(), "rw")) {
      file.setLength(SourceFile.LARGE);
    }
    Files.move(project.resolve("model.onnx"), project.resolve("model/model.onnx"));
    Fixture.replace(project.resolve("mlops.yaml"), "model: model.onnx", "model: model");
    ImageBuild.Result first = build();
    assertThat(first.layers()).extracting(Layer::what).endsWith("weights.bin", "model");
    Fixture.replace(project.resolve("mlops.yaml"), "1.0.0", "1.0.1");
    ImageBuild.Result second = build();
    assertThat(second.bytesWritten()).isLessThan(32_000);
    Files.writeString(weights, "small now");
    assertThat(build().layers()).extracting(Layer::what).endsWith("engine onnx", "model");
  }

  @Test
  void moreTagsPointAtTheSameImage() throws IOException {
    var request =
        new ImageBuild.Request(
            ProjectReader.read(project),
            List.of("latest"),
            List.of(),
            ImageConfig.EPOCH,
            ImageBuild.Locking.OFF,
            false);
    ImageBuild.Result result = new ImageBuild(installation, BuildLog.SILENT).build(request);
    assertThat(store().resolve("iris:latest").digest()).isEqualTo(result.digest());
    var wrong =
        new ImageBuild.Request(
            ProjectReader.read(project),
            List.of("no/tag"),
            List.of(),
            ImageConfig.EPOCH,
            ImageBuild.Locking.OFF,
            false);
    assertThatThrownBy(() -> new ImageBuild(installation, BuildLog.SILENT).build(wrong))
        .isInstanceOf(Failure.class)
        .hasMessageContaining("no/tag");
  }

  private void folder() throws IOException {
    Files.createDirectories(project.resolve("model"));
    Files.move(project.resolve("model.onnx"), project.resolve("model/model.onnx"));
    Fixture.replace(
        project.resolve("mlops.yaml"),
        "model: model.onnx",
        "model: {path: model, exclude: [\"**/*.tmp\"]}");
  }

  @Test
  void hiddenFilesJunkAndExcludedFilesStayOut() throws IOException {
    folder();
    Fixture.write(project.resolve("model/.DS_Store"), "x");
    Fixture.write(project.resolve("model/__pycache__/x.pyc"), "x");
    Fixture.write(project.resolve("model/a.tmp"), "x");
    Fixture.write(project.resolve("model/deep/b.tmp"), "x");
    Fixture.write(project.resolve("model/größe.txt"), "x");
    assertThat(build().card().files())
        .extracting(ModelCard.File::path)
        .containsExactly("größe.txt", "model.onnx");
  }

  @Test
  void theIgnoreFileLeavesOutAndOnlyWhatItLeavesOutChangesTheDigest() throws IOException {
    folder();
    Fixture.write(project.resolve("model/log.txt"), "x");
    var with = build().digest();
    Fixture.write(project.resolve(".mloignore"), "# logs\nother/\nmodel/log*\n!model/log\n");
    ImageBuild.Result without = build();
    assertThat(without.card().files())
        .extracting(ModelCard.File::path)
        .containsExactly("model.onnx");
    assertThat(without.digest()).isNotEqualTo(with);
    Fixture.write(project.resolve(".mloignore"), "*.txt\n");
    assertThat(build().digest()).isEqualTo(without.digest());
  }

  @Test
  void anIgnoreFileThatLeavesOutTheModelIsRefused() throws IOException {
    Fixture.write(project.resolve(".mloignore"), "*.onnx\n");
    assertThat(refusal().what()).startsWith("`.mloignore` leaves out the model itself");
  }

  @Test
  void linksOutOfTheProjectAreRefused() throws IOException {
    folder();
    Path secret = Fixture.write(temporary.resolve("secret"), "x");
    Files.createSymbolicLink(project.resolve("model/link"), secret);
    Failure failure = refusal();
    assertThat(failure.code()).isEqualTo(ExitCode.MANIFEST);
    assertThat(failure.why()).anyMatch(line -> line.contains("leads out of the project"));
    assertThat(project.resolve(".mlo")).doesNotExist();
  }

  @Test
  void linkToAFolderAboveIsRefusedInsteadOfFollowedForEver() throws IOException {
    folder();
    Files.createSymbolicLink(project.resolve("model/loop"), Path.of("."));
    assertThat(refusal().why()).anyMatch(line -> line.contains("a folder it lies in"));
  }

  @Test
  void pipesAreRefused() throws Exception {
    folder();
    Process made = new ProcessBuilder("mkfifo", project.resolve("model/pipe").toString()).start();
    assertThat(made.waitFor()).isZero();
    assertThat(refusal().why()).anyMatch(line -> line.contains("a pipe"));
  }

  @Test
  void namesThatMloUsesItselfAreRefused() throws IOException {
    folder();
    Fixture.write(project.resolve("model/mlops.json"), "{}");
    assertThat(refusal().why()).anyMatch(line -> line.contains("mlo uses itself"));
  }

  @Test
  void fileThatChangesWhileItIsReadIsNoticed() throws IOException {
    Path file = Fixture.write(temporary.resolve("f"), "one");
    SourceFile source = new SourceFile("f", file, FileStamp.of(file));
    source.requireUnchanged();
    Files.writeString(file, "two!");
    assertThatThrownBy(source::requireUnchanged)
        .isInstanceOf(Failure.class)
        .hasMessageContaining("changed while it was read");
  }
}
