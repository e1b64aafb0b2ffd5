package dev.mlo.cli.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.cli.Installation;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.ImageView;
import dev.mlo.cli.project.ProjectReader;
import dev.mlo.contract.Labels;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.Index;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A model for several platforms at once.
final class PlatformsBuildTest {
  @TempDir Path temporary;

  private Installation installation = new Installation(Path.of(""));
  private Path project = Path.of("");

  @BeforeEach
  void install() throws IOException {
    installation = Fixture.installation(temporary.resolve("home"));
    project = Fixture.iris(temporary.resolve("project"));
  }

  private void makeRunners(Installation where) throws IOException {
    RunnerImage maker = new RunnerImage(where, BuildLog.SILENT);
    maker.build(Fixture.onBundled());
    Path base = TestBase.layout(temporary.resolve("base"), "java", TestBase.withJava("25"));
    maker.build(Fixture.on("oci:" + base, TestBase.ARM64));
  }

  private static ImageBuild.Result build(Installation where, Path directory, Platform... platforms)
      throws IOException {
    return new ImageBuild(where, BuildLog.SILENT)
        .build(
            new ImageBuild.Request(
                ProjectReader.read(directory),
                List.of(),
                List.of(platforms),
                ImageConfig.EPOCH,
                ImageBuild.Locking.OFF,
                false));
  }

  @Test
  void severalPlatformsAreAnIndexThatSharesTheModel() throws IOException {
    makeRunners(installation);
    ImageBuild.Result result = build(installation, project, TestBase.AMD64, TestBase.ARM64);

    LayoutStore store = LayoutStore.open(project.resolve(".mlo/store"));
    Descriptor root = store.resolve("iris:1.0.0");
    assertThat(root.digest()).isEqualTo(result.digest());
    assertThat(root.mediaType()).isEqualTo(MediaTypes.INDEX);
    Index index = Index.parse(store.manifest(root));
    assertThat(index.manifests())
        .extracting(Descriptor::platform)
        .containsExactly(TestBase.AMD64, TestBase.ARM64);
    assertThat(index.annotations()).containsEntry("org.opencontainers.image.version", "1.0.0");
    var models = new ArrayList<List<Descriptor>>();
    var engines = new ArrayList<Digest>();
    for (Descriptor child : index.manifests()) {
      Manifest manifest = Manifest.parse(store.manifest(child));
      ImageConfig config = ImageConfig.parse(store.manifest(manifest.config()));
      assertThat(config.platform()).isEqualTo(child.platform());
      assertThat(config.diffIds()).hasSameSizeAs(manifest.layers());
      models.add(layers(manifest, Labels.ROLE_MODEL));
      engines.add(layers(manifest, Labels.ROLE_BACKEND).getFirst().digest());
      assertThat(store.referrers(child.digest())).isNotEmpty();
    }
    assertThat(models.getFirst()).isNotEmpty().isEqualTo(models.getLast());
    assertThat(engines).doesNotHaveDuplicates();
    assertThat(ImageView.read(store, root).image().platform()).isEqualTo(TestBase.AMD64);
    assertThat(ImageView.read(store, root).platforms())
        .containsExactly(TestBase.AMD64, TestBase.ARM64);
  }

  private static List<Descriptor> layers(Manifest manifest, String role) {
    return manifest.layers().stream()
        .filter(layer -> role.equals(layer.annotations().get(Labels.LAYER_ROLE)))
        .toList();
  }

  @Test
  void neitherOrderNorPlaceChangesTheDigest() throws IOException {
    makeRunners(installation);
    Digest first = build(installation, project, TestBase.AMD64, TestBase.ARM64).digest();
    assertThat(build(installation, project, TestBase.ARM64, TestBase.AMD64, TestBase.ARM64))
        .satisfies(again -> {
          assertThat(again.digest()).isEqualTo(first);
          assertThat(again.unchanged()).isTrue();
          assertThat(again.bytesWritten()).isZero();
        });
    Installation other = Fixture.installation(temporary.resolve("other"));
    makeRunners(other);
    Path elsewhere = Fixture.iris(temporary.resolve("elsewhere"));
    Files.writeString(
        elsewhere.resolve("mlops.yaml"),
        "\nimage: {platforms: [linux/arm64, linux/amd64]}\n",
        StandardOpenOption.APPEND);
    assertThat(build(other, elsewhere).digest()).isEqualTo(first);
  }

  @Test
  void onePlatformIsAPlainImageWhateverItIs() throws IOException {
    makeRunners(installation);
    ImageBuild.Result both = build(installation, project, TestBase.AMD64, TestBase.ARM64);
    ImageBuild.Result arm = build(installation, project, TestBase.ARM64);
    assertThat(arm.image().mediaType()).isEqualTo(MediaTypes.MANIFEST);
    assertThat(arm.digest()).isEqualTo(both.images().getLast().image().digest());
    assertThat(build(installation, project).digest())
        .isEqualTo(both.images().getFirst().image().digest());
  }

  @Test
  void aPlatformWithoutARunnerImageIsNamedBeforeAnythingIsWritten() {
    Failure failure =
        Objects.requireNonNull(
            catchThrowableOfType(
                Failure.class, () -> build(installation, project, TestBase.ARM64)));
    assertThat(failure.code()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(failure.hint()).contains("mlo runner build --platform linux/arm64 --base");
    assertThat(project.resolve(".mlo")).doesNotExist();
  }

  @Test
  void thePinnedRunnerImageIsTakenWhicheverIsInUse() throws IOException {
    RunnerImage maker = new RunnerImage(installation, BuildLog.SILENT);
    Digest bundled = maker.build(Fixture.onBundled()).image().digest();
    Digest before = build(installation, project).digest();
    Path base =
        TestBase.layout(temporary.resolve("glibc"), "base", TestBase.withGlibc(installation));
    maker.build(Fixture.on("oci:" + base, TestBase.AMD64));
    assertThat(build(installation, project).digest()).isNotEqualTo(before);

    pin(bundled);
    assertThat(build(installation, project).digest()).isEqualTo(before);
    pin(Digest.sha256(new byte[1]));
    Failure failure =
        Objects.requireNonNull(
            catchThrowableOfType(Failure.class, () -> build(installation, project)));
    assertThat(failure.code()).isEqualTo(ExitCode.MANIFEST);
    assertThat(failure.hint()).startsWith("mlo runner use registry.example.com/ml/runner@sha256:");
  }

  private void pin(Digest digest) throws IOException {
    Path manifest = project.resolve("mlops.yaml");
    String plain = Files.readString(manifest).replaceFirst("\nimage: .*\n", "");
    Files.writeString(
        manifest,
        plain + "\nimage: {runner: \"registry.example.com/ml/runner@%s\"}\n".formatted(digest));
  }
}
