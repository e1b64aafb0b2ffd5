package dev.mlo.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CollectTest {
  private static final Duration NO_GRACE = Duration.ofSeconds(-1);

  @TempDir Path temp;
  private LayoutStore store;

  @BeforeEach
  void store() throws IOException {
    store = LayoutStore.create(temp.resolve("store"));
  }

  private long files() throws IOException {
    try (Stream<Path> files = Files.walk(temp.resolve("store/blobs"))) {
      return files.filter(Files::isRegularFile).count();
    }
  }

  private void assertWhole(String name) throws IOException {
    Copy.copy(
        store,
        store.resolve(name),
        LayoutStore.create(temp.resolve("copy-" + name.hashCode())),
        CopyLog.SILENT);
  }

  @Test
  void whatANameLeadsToStaysWithWhatIsSaidOfIt() throws IOException {
    Descriptor kept = Fixtures.image(store, "iris:1.0.0", "weights");
    Descriptor said = Fixtures.referrer(store, kept, "tested");
    Fixtures.referrer(store, said, "and somebody looked at the test");
    Fixtures.image(store, "iris:2.0.0", "other weights");
    long before = files();

    assertThat(store.collect(NO_GRACE)).isEqualTo(LayoutStore.Collected.NOTHING);

    assertThat(files()).isEqualTo(before);
    assertWhole("iris:1.0.0");
    assertThat(store.referrers(kept.digest())).hasSize(1);
    assertThat(store.referrers(said.digest())).hasSize(1);
  }

  @Test
  void anImageWithoutANameGoesWithWhatWasSaidOfIt() throws IOException {
    Descriptor old = Fixtures.image(store, "iris:latest", "old weights");
    Fixtures.referrer(store, Fixtures.referrer(store, old, "tested"), "seen");
    Fixtures.image(store, "iris:latest", "new weights");
    long before = files();

    LayoutStore.Collected wouldGo = store.collectable(NO_GRACE, List.of());
    assertThat(files()).isEqualTo(before);
    LayoutStore.Collected gone = store.collect(NO_GRACE);

    assertThat(gone).isEqualTo(wouldGo);
    // Of the image: manifest, configuration, layer; of each statement: manifest and text.
    assertThat(gone.files()).isGreaterThanOrEqualTo(6);
    assertThat(gone.bytes()).isPositive();
    assertThat(files()).isEqualTo(before - gone.files());
    assertThat(store.referrers(old.digest())).isEmpty();
    assertWhole("iris:latest");
    assertThat(store.collect(NO_GRACE)).isEqualTo(LayoutStore.Collected.NOTHING);
  }

  @Test
  void whatJustCameStays() throws IOException {
    Descriptor unnamed = Fixtures.image(store, "weights on their way");
    Fixtures.referrer(store, unnamed, "tested");
    long before = files();

    assertThat(store.collect(Duration.ofHours(1)).files()).isZero();

    assertThat(files()).isEqualTo(before);
    assertThat(store.referrers(unnamed.digest())).hasSize(1);
  }

  @Test
  void aNameIsNotGivenToWhatWasRemovedInPart() throws IOException {
    Descriptor image = Fixtures.image(store, "weights");
    byte[] manifest = store.manifest(image);
    store.collect(NO_GRACE);
    store.manifest(image, manifest);

    assertThatThrownBy(() -> store.tag("iris:1.0.0", image))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("run the command again");
    assertThat(store.tags()).isEmpty();
  }

  @Test
  void aDamagedImageStopsItBeforeAnythingGoes() throws IOException {
    Descriptor image = Fixtures.image(store, "iris:1.0.0", "weights");
    store.blob("text/plain", "nobody's".getBytes(UTF_8));
    Fixtures.overwrite(
        store.file(image).orElseThrow(), "x".repeat((int) image.size()).getBytes(UTF_8));
    long before = files();

    assertThatThrownBy(() -> store.collect(NO_GRACE)).isInstanceOf(OciException.class);
    assertThat(files()).isEqualTo(before);
  }

  @Test
  void sharedBytesAreNotCountedAsFreed() throws IOException {
    Descriptor image = Fixtures.image(store, "iris:1.0.0", "weights");
    LayoutStore other = LayoutStore.create(temp.resolve("other"));
    Copy.copy(store, image, other, CopyLog.SILENT);
    LayoutStore.Collected wouldGo = store.collectable(NO_GRACE, List.of("iris:1.0.0"));
    store.untag("iris:1.0.0", image.digest());

    LayoutStore.Collected gone = store.collect(NO_GRACE);

    assertThat(gone).isEqualTo(wouldGo);
    assertThat(gone.files()).isEqualTo(3);
    assertThat(gone.bytes()).isLessThan(image.size() + 1);
    other.verify(image);
  }

  @Test
  void anotherMayNotUntagWhatMoved() throws IOException {
    Descriptor old = Fixtures.image(store, "iris:latest", "old weights");
    Fixtures.image(store, "iris:latest", "new weights");

    assertThatThrownBy(() -> store.untag("iris:latest", old.digest()))
        .isInstanceOf(ConflictException.class);
    assertThat(store.tags()).containsKey("iris:latest");
  }

  /// With a grace time so short that the two get in each other's way over what is used again: a
  /// name is refused or whole.
  @Test
  void besideWritersEveryNameIsWhole() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    int refused = 0;
    try (ExecutorService beside = Executors.newSingleThreadExecutor()) {
      Future<?> collector =
          beside.submit(() -> {
            LayoutStore same = LayoutStore.open(temp.resolve("store"));
            while (!done.get()) {
              same.collect(Duration.ofMillis(50));
            }
            return null;
          });
      try {
        for (int i = 0; i < 60; i++) {
          try {
            Fixtures.image(store, "iris:" + i, "weights " + i % 3);
            assertWhole("iris:" + i);
          } catch (NotFoundException e) {
            refused++;
          }
          if (i % 2 == 0 && store.tags().containsKey("iris:" + i)) {
            store.untag("iris:" + i, store.resolve("iris:" + i).digest());
          }
        }
      } finally {
        done.set(true);
      }
      collector.get();
    }
    for (String name : store.tags().keySet()) {
      assertWhole(name);
    }
    assertThat(refused).isLessThan(60);
  }
}
