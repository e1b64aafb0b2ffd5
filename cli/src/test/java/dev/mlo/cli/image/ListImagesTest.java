package dev.mlo.cli.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.cli.project.ImageView;
import dev.mlo.cli.project.Images;
import dev.mlo.cli.project.ModelImage;
import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Index;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListImagesTest {
  @TempDir Path directory;
  private Images images;
  private LayoutStore store;

  @BeforeEach
  void project() throws IOException {
    images = Images.in(directory);
    store = LayoutStore.create(images.workspace().store());
  }

  @Test
  void withoutAStoreThereIsNothing() throws IOException {
    assertThat(ListImages.list(Images.in(directory.resolve("elsewhere")))).isEmpty();
    assertThat(directory.resolve("elsewhere")).doesNotExist();
  }

  @Test
  void theNewestVersionComesFirstWithItsEnvironments() throws IOException {
    Descriptor old = ModelImage.write(store, "iris", "1.0.0");
    Descriptor next = ModelImage.write(store, "iris", "1.1.0");
    written(old, "2026-11-01T10:00:00Z");
    written(next, "2026-11-02T10:00:00Z");
    for (String environment : new String[] {"prod", "dev"}) {
      LayoutStore layout = LayoutStore.create(images.workspace().environment(environment));
      Copy.copy(store, old, layout, CopyLog.SILENT);
      layout.tag("iris:1.0.0", old);
      layout.tag("iris:" + environment, old);
    }

    assertThat(ListImages.list(images))
        .satisfiesExactly(
            first -> {
              assertThat(first.reference()).isEqualTo("iris:1.1.0");
              assertThat(first.environments()).isEmpty();
            },
            second -> {
              assertThat(second.version()).isEqualTo("1.0.0");
              assertThat(second.model())
                  .satisfies(model -> {
                    assertThat(model.name()).isEqualTo("iris");
                    assertThat(model.version()).isEqualTo("1.0.0");
                    assertThat(model.format()).isEqualTo("onnx");
                  });
              assertThat(second.platforms()).containsExactly(new Platform("linux", "amd64"));
              assertThat(second.written()).isEqualTo(Instant.parse("2026-11-01T10:00:00Z"));
              assertThat(second.environments()).containsExactly("dev", "prod");
              assertThat(second.problem()).isNull();
            });
  }

  @Test
  void aDamagedImageDoesNotHideTheOthers() throws IOException {
    Descriptor broken = ModelImage.write(store, "digits", "1");
    ModelImage.write(store, "iris", "1.0.0");
    Path file = store.file(broken).orElseThrow();
    assertThat(file.toFile().setWritable(true)).isTrue();
    Files.write(file, "{".getBytes(UTF_8));

    assertThat(ListImages.list(images))
        .satisfiesExactly(
            first -> assertThat(first.problem()).contains(broken.digest().hex()),
            second -> assertThat(second.problem()).isNull());
  }

  @Test
  void anImageForOtherMachinesIsAsGoodAsOneForThis() throws IOException {
    Platform arm = new Platform("linux", "arm64");
    Platform mainframe = new Platform("linux", "s390x");
    byte[] index =
        new Index(
                MediaTypes.INDEX,
                List.of(
                    ModelImage.write(store, "iris", "arm").withPlatform(arm),
                    ModelImage.write(store, "iris", "mainframe").withPlatform(mainframe)),
                Map.of())
            .write();
    Descriptor root = Descriptor.of(MediaTypes.INDEX, index);
    store.manifest(root, index);
    store.tag("iris:1.0.0", root);

    assertThat(ListImages.list(images))
        .filteredOn(image -> image.version().equals("1.0.0"))
        .singleElement()
        .satisfies(image -> {
          assertThat(image.problem()).isNull();
          assertThat(image.model()).isNotNull();
          assertThat(image.platforms()).containsExactly(arm, mainframe);
        });
  }

  @Test
  void statementsOfBuildKitAreNoPlatforms() throws IOException {
    Platform arm = new Platform("linux", "arm64");
    Descriptor image = ModelImage.write(store, "iris", "arm").withPlatform(arm);
    Descriptor statement =
        Descriptor.of(MediaTypes.MANIFEST, "elsewhere".getBytes(UTF_8))
            .withPlatform(new Platform("unknown", "unknown"))
            .with("vnd.docker.reference.type", "attestation-manifest")
            .with("vnd.docker.reference.digest", image.digest().toString());
    byte[] index = new Index(MediaTypes.INDEX, List.of(statement, image), Map.of()).write();
    Descriptor root = Descriptor.of(MediaTypes.INDEX, index);
    store.manifest(root, index);
    store.tag("iris:1.0.0", root);

    assertThat(ListImages.list(images))
        .filteredOn(listed -> listed.version().equals("1.0.0"))
        .singleElement()
        .satisfies(listed -> {
          assertThat(listed.problem()).isNull();
          assertThat(listed.model()).isNotNull();
        });
    assertThat(ImageView.read(store, root).image().digest())
        .as("the only image there is")
        .isEqualTo(image.digest());
  }

  private void written(Descriptor image, String when) throws IOException {
    Path file = store.file(image).orElseThrow();
    Files.setLastModifiedTime(file, FileTime.from(Instant.parse(when)));
  }

  @Test
  void anArtifactIsNoDamagedImage() throws IOException {
    Descriptor layer = store.blob("text/plain", "hello".getBytes(UTF_8));
    byte[] manifest =
        new Manifest(
                MediaTypes.MANIFEST,
                "application/x-note",
                store.blob(MediaTypes.EMPTY, new byte[] {'{', '}'}),
                List.of(layer),
                null,
                Map.of())
            .write();
    Descriptor artifact = Descriptor.of(MediaTypes.MANIFEST, manifest);
    store.manifest(artifact, manifest);
    store.tag("note:1", artifact);

    assertThat(ListImages.list(images))
        .singleElement()
        .satisfies(listed -> {
          assertThat(listed.damaged()).isFalse();
          assertThat(listed.problem()).contains("application/x-note");
        });
  }
}
