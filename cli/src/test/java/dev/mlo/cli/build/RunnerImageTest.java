package dev.mlo.cli.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.cli.Installation;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Images;
import dev.mlo.contract.Labels;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.LayerReader;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunnerImageTest {
  @TempDir Path temporary;

  private static RunnerImage.Built build(Installation installation) throws IOException {
    return new RunnerImage(installation, BuildLog.SILENT).build(Fixture.onBundled());
  }

  @Test
  void makingItAgainChangesNothing() throws IOException {
    Installation installation = Fixture.installation(temporary);
    RunnerImage.Built first = build(installation);
    RunnerImage.Built second = build(installation);
    assertThat(second.image()).isEqualTo(first.image());
    assertThat(second.layers()).allMatch(Layer::reused);
    assertThat(new RunnerStore(installation).list())
        .singleElement()
        .satisfies(image -> {
          assertThat(image.inUse()).isTrue();
          assertThat(image.digest()).isEqualTo(first.image().digest());
          assertThat(image.engines()).containsOnlyKeys("onnx");
        });
  }

  @Test
  void baseHoldsLoaderLibrariesLocaleAndUser() throws IOException {
    Installation installation = Fixture.installation(temporary);
    RunnerImage.Built built = build(installation);
    LayoutStore store = LayoutStore.open(installation.store());
    Manifest manifest = Manifest.parse(store.manifest(built.image()));
    ImageConfig config = config(installation, built);
    Path root = temporary.resolve("root");
    for (int i = 0; i < manifest.layers().size(); i++) {
      try (var layer = store.blob(manifest.layers().get(i))) {
        LayerReader.unpack(layer, config.diffIds().get(i), root, LayerReader.Limits.DEFAULT);
      }
    }
    assertThat(root.resolve("lib64/ld-linux-x86-64.so.2")).isExecutable();
    assertThat(root.resolve("usr/lib/locale/en_US.utf8/LC_CTYPE")).exists();
    assertThat(root.resolve("usr/lib/locale/en_US/LC_CTYPE")).exists();
    assertThat(Files.readString(root.resolve("etc/passwd"))).contains("mlo:x:65532:65532:");
    assertThat(root.resolve("opt/mlo/jre/bin/java")).isExecutable();
    assertThat(root.resolve("opt/mlo/jre/bin/keytool")).doesNotExist();
    assertThat(root.resolve("opt/mlo/runner/runner.jar")).exists();
    assertThat(config.user()).isEqualTo("65532:65532");
    assertThat(config.environment()).contains("ORT_DISABLE_TELEMETRY=1", "LANG=C.UTF-8");
    assertThat(config.entrypoint())
        .contains("-Djava.io.tmpdir=/dev/shm")
        .endsWith("dev.mlo.runner.Runner");
  }

  /// Only this installation's Java can use it, so it goes where that goes.
  @Test
  void theClassDataArchiveGoesWithThisJava() throws IOException {
    Installation installation = Fixture.installation(temporary);
    Path archive = Files.writeString(installation.runner().resolve("runner.jsa"), "classes");
    ImageConfig config = config(installation, build(installation));
    assertThat(config.entrypoint())
        .contains("-XX:SharedArchiveFile=/opt/mlo/runner/runner.jsa")
        .containsSequence("-cp", "/opt/mlo/runner/mlo-runner.jar", "dev.mlo.runner.Runner");

    Files.delete(archive);
    config = config(installation, build(installation));
    assertThat(config.entrypoint())
        .noneMatch(word -> word.contains("SharedArchiveFile"))
        .containsSequence("-cp", "/opt/mlo/runner/*", "dev.mlo.runner.Runner");
  }

  private static ImageConfig config(Installation installation, RunnerImage.Built built)
      throws IOException {
    LayoutStore store = LayoutStore.open(installation.store());
    return ImageConfig.parse(
        store.manifest(Manifest.parse(store.manifest(built.image())).config()));
  }

  @Test
  void imageOfAnotherVersionOfMloIsReplaced() throws IOException {
    Installation installation = Fixture.installation(temporary);
    RunnerImage.Built built = build(installation);
    LayoutStore store = LayoutStore.open(installation.store());
    Manifest manifest = Manifest.parse(store.manifest(built.image()));
    ImageConfig old =
        ImageConfig.parse(store.manifest(manifest.config()))
            .withLabel(Labels.RUNNER_VERSION, "0.0.1");
    Manifest outdated =
        new Manifest(
            MediaTypes.MANIFEST,
            null,
            store.blob(MediaTypes.CONFIG, old.write()),
            manifest.layers(),
            null,
            Map.of());
    Descriptor image = Descriptor.of(MediaTypes.MANIFEST, outdated.write());
    store.manifest(image, outdated.write());
    store.tag(RunnerStore.NAME, image);

    RunnerImage images = new RunnerImage(installation, BuildLog.SILENT);
    assertThat(images.ensure(ImageConfig.EPOCH, Images.in(temporary)).image().digest())
        .isEqualTo(built.image().digest());
    assertThat(images.ensure(ImageConfig.EPOCH, Images.in(temporary)).image().digest())
        .isEqualTo(built.image().digest());
  }

  @Test
  void otherPlatformsAreRefusedBeforeAnythingIsWritten() throws IOException {
    for (List<String> other :
        List.of(List.of("Mac OS X", "aarch64"), List.of("Linux", "aarch64"))) {
      assertThatThrownBy(() -> HostLibraries.requirePlatform(other.get(0), other.get(1)))
          .isInstanceOf(Failure.class)
          .extracting(e -> ((Failure) e).hint())
          .asString()
          .contains("--base");
    }
    Installation installation = Fixture.installation(temporary);
    Files.writeString(installation.java(), "#!/bin/sh\n" + "#".repeat(100));
    assertThatThrownBy(() -> build(installation)).isInstanceOf(Failure.class);
    assertThat(installation.store()).doesNotExist();
  }

  @Test
  void incompleteInstallationIsNamed() throws IOException {
    Installation installation = Fixture.installation(temporary);
    Files.delete(installation.runner().resolve("runner.jar"));
    Files.delete(installation.runner());
    assertThatThrownBy(() -> build(installation))
        .isInstanceOf(Failure.class)
        .extracting(e -> ((Failure) e).why().getFirst())
        .asString()
        .contains("runner");
  }
}
