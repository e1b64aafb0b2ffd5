package dev.mlo.cli.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.cli.build.BuildIndex;
import dev.mlo.cli.project.Images;
import dev.mlo.cli.project.ModelImage;
import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.LayoutStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CollectGarbageTest {
  private static final Duration NO_GRACE = Duration.ofSeconds(-1);

  @TempDir Path directory;
  private Images images;
  private LayoutStore store;
  private final List<String> told = new ArrayList<>();

  @BeforeEach
  void project() throws IOException {
    images = Images.in(directory);
    store = LayoutStore.create(images.workspace().store());
  }

  private CollectGarbage.Result collect(int keep, boolean dryRun) throws IOException {
    var log =
        new CollectGarbage.Log() {
          @Override
          public void untagged(String name, Digest digest) {
            told.add(name);
          }

          @Override
          public void collecting(Path place) {}
        };
    Path index = images.workspace().buildIndex();
    return new CollectGarbage(
            images,
            (gone, dry) -> BuildIndex.forget(index, gone, dry),
            (_, _) ->
                new CollectGarbage.Place(
                    directory, new LayoutStore.Collected(0, 0, java.util.Set.of())),
            log)
        .collect(new CollectGarbage.Request(keep, NO_GRACE, dryRun));
  }

  private Descriptor version(String version, int day) throws IOException {
    Descriptor image = ModelImage.write(store, "iris", version);
    FileTime written =
        FileTime.from(Instant.parse("2026-11-01T10:00:00Z").plus(Duration.ofDays(day)));
    Files.setLastModifiedTime(store.file(image).orElseThrow(), written);
    return image;
  }

  @Test
  void withoutAStoreThereIsNothing() throws IOException {
    images = Images.in(directory.resolve("elsewhere"));

    assertThat(collect(1, false).places()).isEmpty();
    assertThat(directory.resolve("elsewhere")).doesNotExist();
  }

  @Test
  void whatWasNotedDownOfABlobGoesWithIt() throws IOException {
    Descriptor kept = version("1.0.0", 1);
    Descriptor lost = version("1.1.0", 2);
    store.tag("iris:1.1.0", kept);
    Path uploads = Files.createDirectories(images.workspace().uploads());
    for (Descriptor blob : List.of(kept, lost)) {
      Files.writeString(
          uploads.resolve(blob.digest().hex().substring(0, 32) + ".json"),
          "{\"location\":\"http://localhost/x\",\"offset\":1,\"from\":\"%s\"}"
              .formatted(store.file(blob).orElseThrow()));
    }
    Path index = images.workspace().buildIndex();
    Files.writeString(
        index,
        "{\"version\":1,\"files\":{%s,%s,%s}}"
            .formatted(
                line("kept.bin", kept.digest().toString()),
                line("lost.bin", lost.digest().toString()),
                line("small.bin", null)));

    CollectGarbage.Result planned = collect(0, true);
    assertThat(uploads)
        .isDirectoryContaining("glob:**" + lost.digest().hex().substring(0, 32) + "*");
    assertThat(index).content().contains("lost.bin");
    CollectGarbage.Result gone = collect(0, false);

    assertThat(gone.uploads()).isEqualTo(1);
    assertThat(gone.remembered()).isEqualTo(1);
    assertThat(planned.uploads()).isEqualTo(1);
    assertThat(planned.remembered()).isEqualTo(1);
    assertThat(uploads)
        .isDirectoryNotContaining("glob:**" + lost.digest().hex().substring(0, 32) + "*")
        .isDirectoryContaining("glob:**" + kept.digest().hex().substring(0, 32) + "*");
    assertThat(index).content().contains("kept.bin", "small.bin").doesNotContain("lost.bin");
    assertThat(collect(0, false).isEmpty()).isTrue();
  }

  private static String line(String file, @Nullable String layer) {
    String digest = "sha256:" + "0".repeat(64);
    return "\"%s\":{\"size\":1,\"modified\":2,\"changed\":3,\"inode\":4,\"digest\":\"%s\"%s}"
        .formatted(
            file,
            digest,
            layer == null ? "" : ",\"layer\":\"%s\",\"layerSize\":9".formatted(layer));
  }

  @Test
  void theNewestVersionsStayAndWhatAnEnvironmentServes() throws IOException {
    Descriptor first = version("1.0.0", 1);
    version("1.1.0", 2);
    version("1.2.0", 3);
    Descriptor newest = version("1.3.0", 4);
    store.tag("iris:latest", newest);
    LayoutStore prod = LayoutStore.create(images.workspace().environment("prod"));
    Copy.copy(store, first, prod, CopyLog.SILENT);
    prod.tag("iris:1.0.0", first);
    prod.tag("iris:prod", first);

    CollectGarbage.Result planned = collect(1, true);
    assertThat(store.tags()).hasSize(5);
    CollectGarbage.Result gone = collect(1, false);

    assertThat(gone.untagged()).containsExactly("iris:1.2.0", "iris:1.1.0");
    assertThat(planned.untagged()).isEqualTo(gone.untagged());
    assertThat(told).contains("iris:1.1.0");
    assertThat(store.tags()).containsOnlyKeys("iris:1.0.0", "iris:1.3.0", "iris:latest");
    assertThat(gone.files()).isPositive();
    assertThat(gone.places()).extracting(place -> place.collected().files()).last().isEqualTo(0);
    store.verify(newest);
    prod.verify(first);
    assertThat(collect(0, false).files()).isZero();
  }
}
