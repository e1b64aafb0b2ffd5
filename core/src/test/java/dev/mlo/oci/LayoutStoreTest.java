package dev.mlo.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayoutStoreTest {
  @TempDir Path temp;

  @Test
  void whatIsWrittenIsReadBack() throws IOException {
    LayoutStore store = LayoutStore.create(temp.resolve("store"));
    Descriptor image = Fixtures.image(store, "iris:1.0.0", "weights");

    LayoutStore again = LayoutStore.open(temp.resolve("store"));
    assertThat(again.resolve("iris:1.0.0").digest()).isEqualTo(image.digest());
    assertThat(again.resolve(image.digest().toString()).size()).isEqualTo(image.size());
    Manifest manifest = Manifest.parse(again.manifest(image));
    try (InputStream in = again.blob(manifest.layers().getFirst())) {
      assertThat(in.readAllBytes()).isEqualTo("weights".getBytes(UTF_8));
    }
  }

  @Test
  void filesAreReadOnlyAndNothingTemporaryStays() throws IOException {
    LayoutStore store = LayoutStore.create(temp.resolve("store"));
    Fixtures.image(store, "iris:1.0.0", "weights");

    try (Stream<Path> files = Files.walk(temp.resolve("store/blobs"))) {
      List<Path> blobs = files.filter(Files::isRegularFile).toList();
      assertThat(blobs).hasSize(3);
      for (Path blob : blobs) {
        assertThat(blob.getFileName().toString()).matches("[0-9a-f]{64}");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(blob)))
            .isEqualTo("r--r--r--");
      }
    }
  }

  @Test
  void twoNamesMayPointAtOneDigest() throws IOException {
    LayoutStore store = LayoutStore.create(temp.resolve("store"));
    Descriptor image = Fixtures.image(store, "iris:1.0.0", "weights");
    store.tag("iris:prod", image);

    assertThat(store.tags()).containsOnlyKeys("iris:1.0.0", "iris:prod");
    assertThat(store.resolve("iris:prod").digest()).isEqualTo(image.digest());

    Descriptor next = Fixtures.image(store, "iris:1.1.0", "other weights");
    store.tag("iris:prod", next);
    assertThat(store.tags()).containsOnlyKeys("iris:1.0.0", "iris:1.1.0", "iris:prod");
    assertThat(store.resolve("iris:1.0.0").digest()).isEqualTo(image.digest());
    assertThat(store.resolve("iris:prod").digest()).isEqualTo(next.digest());
  }

  @Test
  void aNameIsOnlyMovedFromWhereTheCallerSawIt() throws IOException {
    LayoutStore store = LayoutStore.create(temp.resolve("store"));
    Descriptor first = Fixtures.image(store, "iris:1.0.0", "a");
    Descriptor second = Fixtures.image(store, "iris:1.1.0", "b");

    store.tag("iris:prod", first, null);
    assertThatThrownBy(() -> store.tag("iris:prod", second, null))
        .isInstanceOf(ConflictException.class)
        .hasMessageContaining(first.digest().toString());
    assertThatThrownBy(() -> store.tag("iris:prod", second, second.digest()))
        .isInstanceOf(ConflictException.class);
    store.tag("iris:prod", second, first.digest());
    assertThat(store.resolve("iris:prod").digest()).isEqualTo(second.digest());
  }

  @Test
  void whatOtherToolsWroteIntoTheIndexIsKept() throws IOException {
    LayoutStore store = LayoutStore.create(temp.resolve("store"));
    Descriptor image = Fixtures.image(store, "iris:1.0.0", "weights");
    Path index = temp.resolve("store/index.json");
    String text = Files.readString(index);
    Files.writeString(
        index,
        text.replace(
            "\"manifests\":[{", "\"annotations\":{\"k\":\"v\"},\"manifests\":[{\"x\":[1],"));

    store.tag("iris:dev", image);

    assertThat(Files.readString(index))
        .contains("\"annotations\":{\"k\":\"v\"}")
        .contains("{\"x\":[1],")
        .contains("iris:1.0.0")
        .contains("iris:dev");
  }

  @Test
  void aNameNeedsItsManifest() throws IOException {
    LayoutStore store = LayoutStore.create(temp.resolve("store"));
    Descriptor absent = Descriptor.of(MediaTypes.MANIFEST, "nowhere".getBytes(UTF_8));
    assertThatThrownBy(() -> store.tag("iris:1.0.0", absent)).isInstanceOf(NotFoundException.class);
    assertThat(store.tags()).isEmpty();
  }

  @Test
  void anUnknownNameIsToldWithTheKnownOnes() throws IOException {
    LayoutStore store = LayoutStore.create(temp.resolve("store"));
    Fixtures.image(store, "iris:1.0.0", "weights");
    assertThatThrownBy(() -> store.resolve("iris:2.0.0"))
        .isInstanceOf(NotFoundException.class)
        .hasMessageContaining("iris:1.0.0");
  }

  @Test
  void aTruncatedBlobIsNotThereAndIsWrittenAgain() throws IOException {
    LayoutStore store = LayoutStore.create(temp.resolve("store"));
    byte[] bytes = "a model".getBytes(UTF_8);
    Descriptor blob = store.blob(MediaTypes.LAYER_TAR, bytes);
    Path file = store.file(blob).orElseThrow();
    Fixtures.overwrite(file, "a mo".getBytes(UTF_8));

    assertThat(store.has(blob)).isFalse();
    assertThat(store.file(blob)).isEmpty();
    assertThatThrownBy(() -> store.blob(blob)).isInstanceOf(DigestMismatchException.class);

    store.blob(MediaTypes.LAYER_TAR, bytes);
    assertThat(store.has(blob)).isTrue();
    assertThat(file).hasBinaryContent(bytes);
  }

  @Test
  void aDamagedBlobIsRepairedByWhoeverWritesItAnew() throws IOException {
    LayoutStore store = LayoutStore.create(temp.resolve("store"));
    Descriptor blob = store.blob(MediaTypes.LAYER_TAR, out -> out.write("model".getBytes(UTF_8)));
    Path file = store.file(blob).orElseThrow();
    Fixtures.overwrite(file, "mOdel".getBytes(UTF_8));

    assertThatThrownBy(() -> store.verify(blob)).isInstanceOf(DigestMismatchException.class);
    store.blob(MediaTypes.LAYER_TAR, out -> out.write("model".getBytes(UTF_8)));
    store.verify(blob);
  }

  @Test
  void largeContentIsHashedWhileItIsWritten() throws IOException {
    LayoutStore store = LayoutStore.create(temp.resolve("store"));
    byte[] block = new byte[123_457];
    new java.util.Random(7).nextBytes(block);
    var hasher = Digest.hasher("sha256");
    Descriptor blob =
        store.blob(
            MediaTypes.LAYER_TAR,
            out -> {
              for (int i = 0; i < 200; i++) {
                out.write(block);
                out.write(i);
              }
            });
    for (int i = 0; i < 200; i++) {
      hasher.update(block);
      hasher.update((byte) i);
    }
    assertThat(blob.digest()).isEqualTo(Digest.of("sha256", hasher.digest()));
    assertThat(blob.size()).isEqualTo(200L * (block.length + 1));
    store.verify(blob);
  }

  @Test
  void aWriterThatFailsLeavesNothing() throws IOException {
    LayoutStore store = LayoutStore.create(temp.resolve("store"));
    assertThatThrownBy(() ->
            store.blob(
                MediaTypes.LAYER_TAR,
                out -> {
                  out.write(new byte[3 << 20]);
                  throw new IOException("the model file vanished");
                }))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(OciException.class)
        .hasMessage("the model file vanished");
    try (Stream<Path> files = Files.walk(temp.resolve("store/blobs"))) {
      assertThat(files.filter(Files::isRegularFile)).isEmpty();
    }
  }

  @Test
  void wrongBytesForAManifestAreRefused() throws IOException {
    LayoutStore store = LayoutStore.create(temp.resolve("store"));
    Descriptor said = Descriptor.of(MediaTypes.MANIFEST, "one".getBytes(UTF_8));
    assertThatThrownBy(() -> store.manifest(said, "two".getBytes(UTF_8)))
        .isInstanceOf(DigestMismatchException.class);
    assertThat(store.has(said)).isFalse();
  }

  @Test
  void sha512IsUnderstood() throws IOException {
    LayoutStore store = LayoutStore.create(temp.resolve("store"));
    byte[] bytes = "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(UTF_8);
    Digest digest = Digest.of("sha512", Digest.hasher("sha512").digest(bytes));
    store.manifest(Descriptor.of(MediaTypes.INDEX, digest, bytes.length), bytes);
    assertThat(temp.resolve("store/blobs/sha512").resolve(digest.hex())).hasBinaryContent(bytes);
    assertThat(store.resolve(digest.toString()).mediaType()).isEqualTo(MediaTypes.INDEX);
  }

  @Test
  void referrersAreListedWithoutAName() throws IOException {
    LayoutStore store = LayoutStore.create(temp.resolve("store"));
    Descriptor image = Fixtures.image(store, "iris:1.0.0", "weights");
    Descriptor other = Fixtures.image(store, "iris:1.1.0", "weights 2");
    Descriptor said = Fixtures.referrer(store, image, "it works");

    assertThat(store.tags()).containsOnlyKeys("iris:1.0.0", "iris:1.1.0");
    assertThat(store.referrers(image.digest()))
        .singleElement()
        .satisfies(found -> {
          assertThat(found.digest()).isEqualTo(said.digest());
          assertThat(found.artifactType()).isEqualTo("application/vnd.test");
        });
    assertThat(store.referrers(other.digest())).isEmpty();
  }

  @Test
  void aDirectoryThatIsSomethingElseIsLeftAlone() throws IOException {
    Path home = Files.createDirectory(temp.resolve("home"));
    Files.writeString(home.resolve("thesis.tex"), "…");
    assertThatThrownBy(() -> LayoutStore.create(home))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("thesis.tex");
    assertThatThrownBy(() -> LayoutStore.open(home))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("oci-layout");
    assertThatThrownBy(() -> LayoutStore.create(home.resolve("thesis.tex")))
        .isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> LayoutStore.open(temp.resolve("nowhere")))
        .isInstanceOf(NotFoundException.class);
    assertThat(home).isDirectoryContaining("glob:**thesis.tex");
  }

  @Test
  void anEmptyDirectoryIsAPlaceForALayoutAndHoldsNone(@TempDir Path empty) throws IOException {
    assertThatThrownBy(() -> LayoutStore.open(empty)).isInstanceOf(NotFoundException.class);
    assertThat(LayoutStore.create(empty).tags()).isEmpty();
    assertThat(LayoutStore.open(empty).tags()).isEmpty();
  }
}
