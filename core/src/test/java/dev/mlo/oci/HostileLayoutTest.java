package dev.mlo.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Layouts as a broken disk or an attacker leaves them.
class HostileLayoutTest {
  private static final String DIGEST = "sha256:" + "ab".repeat(32);

  @TempDir Path temp;
  private Path directory;
  private LayoutStore store;
  private Descriptor image;

  @BeforeEach
  void layout() throws IOException {
    directory = temp.resolve("layout");
    store = LayoutStore.create(directory);
    image = Fixtures.image(store, "iris:1.0.0", "weights");
    Fixtures.referrer(store, image, "it works");
  }

  @Test
  void aFileCutAnywhereEndsInATypedFailureOrChangesNothing() throws IOException {
    for (Path file : files()) {
      byte[] whole = Files.readAllBytes(file);
      for (int length = 0; length < whole.length; length += Math.max(1, whole.length / 40)) {
        Fixtures.overwrite(file, Arrays.copyOf(whole, length));
        assertThatThrownBy(this::readAll)
            .as("%s cut to %d bytes", file, length)
            .isInstanceOf(OciException.class);
      }
      Fixtures.overwrite(file, whole);
      readAll();
    }
  }

  @Test
  void oneWrongByteInAnyBlobIsFound() throws IOException {
    for (Path file : files()) {
      if (file.toString().contains("sha256")) {
        byte[] whole = Files.readAllBytes(file);
        byte[] wrong = whole.clone();
        wrong[wrong.length / 2] ^= 1;
        Fixtures.overwrite(file, wrong);
        assertThatThrownBy(this::readAll).isInstanceOf(DigestMismatchException.class);
        Fixtures.overwrite(file, whole);
      }
    }
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !file.endsWith(".lock"))
          .sorted()
          .toList();
    }
  }

  private void readAll() throws IOException {
    LayoutStore fresh = LayoutStore.open(directory);
    Copy.verify(fresh, fresh.resolve("iris:1.0.0"), CopyLog.SILENT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{}",
        "{\"manifests\":{}}",
        "{\"manifests\":[7]}",
        "{\"manifests\":[{}]}",
        "{\"manifests\":[]}x",
        "{\"manifests\":[],\"manifests\":[]}",
        "{\"manifests\":[{\"mediaType\":\"m\",\"digest\":\"DIGEST\",\"size\":-1}]}",
        "{\"manifests\":[{\"mediaType\":\"m\",\"digest\":\"DIGEST\",\"size\":1.5}]}",
        "{\"manifests\":[{\"mediaType\":\"m\",\"digest\":\"DIGEST\",\"size\":9223372036854775808}]}",
        "{\"manifests\":[{\"mediaType\":\"m\",\"digest\":\"DIGEST\",\"size\":\"1\"}]}",
        "{\"manifests\":[{\"mediaType\":\"m\",\"digest\":\"sha256:../../x\",\"size\":1}]}",
        "{\"manifests\":[{\"mediaType\":\"m\",\"digest\":\"md5:abc\",\"size\":1}]}",
        "{\"manifests\":[{\"mediaType\":\"m\",\"digest\":\"DIGEST\",\"size\":1,\"size\":2}]}",
        "{\"manifests\":[{\"mediaType\":\"m\",\"digest\":\"DIGEST\",\"size\":1,\"annotations\":"
            + "{\"org.opencontainers.image.ref.name\":7}}]}",
        "{\"manifests\":[{\"mediaType\":\"m\",\"digest\":\"DIGEST\",\"size\":1,\"annotations\":"
            + "{\"org.opencontainers.image.ref.name\":\"\\u001b[2J\"}}]}"
      })
  void anIndexThatIsNoneIsRefused(String text) throws IOException {
    Files.writeString(directory.resolve("index.json"), text.replace("DIGEST", DIGEST));
    assertThatThrownBy(() -> store.tags()).isInstanceOf(DocumentException.class);
    assertThatThrownBy(() -> store.tag("iris:2", image)).isInstanceOf(DocumentException.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"oci-layout", "index.json"})
  @Timeout(20)
  void nobodyWaitsForAPipeInTheirPlace(String name) throws Exception {
    Path file = directory.resolve(name);
    Files.delete(file);
    assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();
    assertThatThrownBy(() -> LayoutStore.open(directory).tags())
        .isInstanceOf(DocumentException.class)
        .hasMessageEndingWith("is no file");
  }

  @Test
  void anIndexNestedTooDeepIsRefused() throws IOException {
    String text = "[".repeat(50_000) + "]".repeat(50_000);
    Files.writeString(directory.resolve("index.json"), "{\"manifests\":[{\"x\":" + text + "}]}");
    assertThatThrownBy(() -> store.tags()).isInstanceOf(DocumentException.class);
  }

  @Test
  void aNameForTwoDigestsIsRefusedWhenItIsUsed() throws IOException {
    Descriptor other = Fixtures.image(store, "iris:2.0.0", "weights 2");
    Path index = directory.resolve("index.json");
    Files.writeString(index, Files.readString(index).replace("iris:2.0.0", "iris:1.0.0"));
    assertThatThrownBy(() -> store.resolve("iris:1.0.0")).isInstanceOf(DocumentException.class);
    store.tag("iris:1.0.0", other);
    assertThat(store.resolve("iris:1.0.0").digest()).isEqualTo(other.digest());
  }

  @Test
  void anEntryWithTheWrongSizeOrDigestIsFoundOnReading() throws IOException {
    Path index = directory.resolve("index.json");
    String text = Files.readString(index);
    Files.writeString(
        index, text.replace("\"size\":" + image.size(), "\"size\":" + (image.size() + 1)));
    assertThatThrownBy(this::readAll).isInstanceOf(DigestMismatchException.class);
    Files.writeString(index, text.replace(image.digest().hex(), "ab".repeat(32)));
    assertThatThrownBy(this::readAll).isInstanceOf(NotFoundException.class);
  }

  @Test
  void anIndexThatListsItselfEndsAtItsDigest() throws IOException {
    String self =
        "{\"schemaVersion\":2,\"manifests\":[{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":200}]}"
            .formatted(MediaTypes.INDEX, DIGEST);
    byte[] bytes = Arrays.copyOf(self.getBytes(UTF_8), 200);
    Arrays.fill(bytes, self.length(), 200, (byte) ' ');
    Files.write(directory.resolve("blobs/sha256/" + DIGEST.substring(7)), bytes);
    Descriptor root = Descriptor.of(MediaTypes.INDEX, Digest.parse(DIGEST), 200);
    assertThatThrownBy(() -> Copy.verify(store, root, CopyLog.SILENT))
        .isInstanceOf(DigestMismatchException.class);
  }

  @Test
  void aDocumentLargerThanFourMebibytesIsNotRead() throws IOException {
    Descriptor large = store.blob(MediaTypes.MANIFEST, out -> out.write(new byte[(4 << 20) + 1]));
    assertThatThrownBy(() -> store.manifest(large)).isInstanceOf(DocumentException.class);
  }

  @Test
  void anArtifactDoesNotChooseItsNameInTheLayout() throws IOException {
    Manifest manifest =
        new Manifest(
            MediaTypes.MANIFEST,
            "application/vnd.test",
            store.blob(MediaTypes.EMPTY, "{}".getBytes(UTF_8)),
            List.of(),
            image.bare(),
            java.util.Map.of(Descriptor.REF_NAME, "iris:prod"));
    byte[] bytes = manifest.write();
    store.referrer(Descriptor.of(MediaTypes.MANIFEST, bytes), bytes);
    assertThat(store.tags()).containsOnlyKeys("iris:1.0.0");
  }

  @Test
  void aLayoutOfAnotherVersionIsRefused() throws IOException {
    Files.writeString(directory.resolve("oci-layout"), "{\"imageLayoutVersion\":\"2.0.0\"}");
    assertThatThrownBy(() -> LayoutStore.open(directory))
        .isInstanceOf(DocumentException.class)
        .hasMessageContaining("2.0.0");
  }

  @Test
  void aCreationThatWasInterruptedIsFinished() throws IOException {
    Files.delete(directory.resolve("oci-layout"));
    Files.writeString(directory.resolve(".oci-layout.tmp"), "{\"image");
    assertThatThrownBy(() -> LayoutStore.open(directory)).isInstanceOf(NotFoundException.class);
    LayoutStore again = LayoutStore.create(directory);
    assertThat(again.tags()).containsKey("iris:1.0.0");
  }
}
