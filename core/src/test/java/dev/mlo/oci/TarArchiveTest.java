package dev.mlo.oci;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.json.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.tar.TarFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TarArchiveTest {
  @TempDir Path temp;
  private LayoutStore store;

  @BeforeEach
  void layout() throws IOException {
    store = LayoutStore.create(temp.resolve("store"));
  }

  @Test
  void anImageComesBackFromTheTarWithTheSameBytes() throws IOException {
    Descriptor image = Fixtures.image(store, "iris:1.0.0", "weights");
    Descriptor said = Fixtures.referrer(store, image, "it works");
    Path tar = write("iris.tar", "iris:1.0.0", image);

    LayoutStore back = LayoutStore.create(temp.resolve("back"));
    try (TarArchive archive = TarArchive.open(tar)) {
      assertThat(archive.tags()).containsOnlyKeys("iris:1.0.0");
      Descriptor root = archive.resolve("iris:1.0.0");
      assertThat(archive.resolve(root.digest().toString()).size()).isEqualTo(image.size());
      Copy.copy(archive, root, back, CopyLog.SILENT);
      back.tag("iris:1.0.0", root);
    }
    assertThat(back.manifest(back.resolve("iris:1.0.0"))).isEqualTo(store.manifest(image));
    assertThat(back.referrers(image.digest()))
        .singleElement()
        .satisfies(found -> assertThat(found.digest()).isEqualTo(said.digest()));
    Copy.verify(back, image, CopyLog.SILENT);
  }

  @Test
  void theSameImageGivesTheSameTar() throws IOException {
    Descriptor image = Fixtures.image(store, "iris:1.0.0", "weights");
    Path one = write("one.tar", "iris:1.0.0", image);
    Path two = write("two.tar", "iris:1.0.0", image);
    assertThat(Files.mismatch(one, two)).isEqualTo(-1);
  }

  @Test
  void dockerFindsConfigurationLayersAndName() throws IOException {
    Descriptor image = Fixtures.image(store, "iris:1.0.0", "weights");
    Manifest manifest = Manifest.parse(store.manifest(image));
    Path tar = write("iris.tar", "iris:1.0.0", image);

    Map<String, byte[]> entries = entries(tar);
    JsonNode docker = Json.parse(requireNonNull(entries.get("manifest.json")));
    assertThat(docker).hasSize(1);
    assertThat(docker.path(0).path("RepoTags").path(0).asText()).isEqualTo("iris:1.0.0");
    assertThat(entries.get(docker.path(0).path("Config").asText()))
        .isEqualTo(store.blob(manifest.config()).readAllBytes());
    assertThat(entries.get(docker.path(0).path("Layers").path(0).asText()))
        .isEqualTo("weights".getBytes(UTF_8));
    assertThat(entries).containsKeys("oci-layout", "index.json");
  }

  @Test
  void withoutFinishThereIsNoFile() throws IOException {
    Descriptor image = Fixtures.image(store, "iris:1.0.0", "weights");
    Path tar = temp.resolve("out/iris.tar");
    Files.createDirectory(tar.getParent());
    Files.writeString(tar, "the file before");
    try (TarArchiveWriter writer = TarArchiveWriter.create(tar)) {
      Copy.copy(store, image, writer, CopyLog.SILENT);
    }
    try (Stream<Path> files = Files.list(tar.getParent())) {
      assertThat(files).containsExactly(tar);
    }
    assertThat(tar).hasContent("the file before");
  }

  @Test
  void aDirectoryOrAnotherFileIsNoArchive() throws IOException {
    Path text = Files.writeString(temp.resolve("thesis.txt"), "x".repeat(3000));
    Path gzip = Files.write(temp.resolve("a.tgz"), new byte[] {0x1f, (byte) 0x8b, 8, 0});
    assertThatThrownBy(() -> TarArchive.open(text)).isInstanceOf(DocumentException.class);
    assertThatThrownBy(() -> TarArchive.open(gzip))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.remedy()).contains("gunzip -k " + gzip))
        .hasMessageContaining("compressed");
    assertThatThrownBy(() -> TarArchive.open(temp.resolve("nowhere.tar")))
        .isInstanceOf(NotFoundException.class);
    assertThatThrownBy(() -> TarArchiveWriter.create(temp)).isInstanceOf(StoreException.class);
  }

  @Test
  void hostileEntriesAreRefused() throws IOException {
    hostile("../../etc/passwd", entry -> {});
    hostile("/etc/passwd", entry -> {});
    hostile("blobs/sha256/../../x", entry -> {});
    hostile("blobs/sha256/short", entry -> {});
    hostile("link", TarConstants.LF_SYMLINK);
    hostile("hard", TarConstants.LF_LINK);
    hostile("device", TarConstants.LF_CHR);
    hostile("pipe", TarConstants.LF_FIFO);
    hostile("oci-layout", entry -> {});
  }

  private void hostile(String name, byte type) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
    entry.setLinkName("/etc/passwd");
    refused(name, entry);
  }

  private void hostile(String name, Consumer<TarArchiveEntry> change) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_NORMAL, true);
    change.accept(entry);
    refused(name, entry);
  }

  private void refused(String name, TarArchiveEntry hostile) throws IOException {
    Path file = temp.resolve("hostile.tar");
    try (OutputStream out = Files.newOutputStream(file);
        TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
      put(tar, "oci-layout", "{\"imageLayoutVersion\":\"1.0.0\"}");
      put(tar, "index.json", "{\"schemaVersion\":2,\"manifests\":[]}");
      tar.putArchiveEntry(hostile);
      tar.closeArchiveEntry();
    }
    assertThatThrownBy(() -> TarArchive.open(file)).as(name).isInstanceOf(DocumentException.class);
  }

  @Test
  void aTarCutAnywhereIsNeverTakenForTheWhole() throws IOException {
    Descriptor image = Fixtures.image(store, "iris:1.0.0", "weights");
    Path tar = write("iris.tar", "iris:1.0.0", image);
    byte[] whole = Files.readAllBytes(tar);
    Path cut = temp.resolve("cut.tar");
    long docker = whole.length - 1024 - 512 - 512L;
    for (int length = 0; length < whole.length; length += 256) {
      Files.write(cut, Arrays.copyOf(whole, length));
      assertThat(isWhole(cut) && length < docker).as("whole with %d bytes", length).isFalse();
    }
    assertThat(isWhole(tar)).isTrue();
  }

  /// Whether the image is; of what only Docker reads nothing is asked.
  private static boolean isWhole(Path file) throws IOException {
    try (TarArchive archive = TarArchive.open(file)) {
      Copy.verify(archive, archive.resolve("iris:1.0.0"), CopyLog.SILENT);
      return true;
    } catch (OciException e) {
      return false;
    }
  }

  @Test
  void wrongBytesInTheTarAreFound() throws IOException {
    Descriptor image = Fixtures.image(store, "iris:1.0.0", "weights");
    Path tar = write("iris.tar", "iris:1.0.0", image);
    String text = Files.readString(tar, ISO_8859_1);
    Files.writeString(tar, text.replace("weights", "wEights"), ISO_8859_1);
    LayoutStore back = LayoutStore.create(temp.resolve("back"));
    try (TarArchive archive = TarArchive.open(tar)) {
      assertThatThrownBy(() -> Copy.copy(archive, image, back, CopyLog.SILENT))
          .isInstanceOf(DigestMismatchException.class);
    }
    assertThat(back.has(image)).isFalse();
  }

  private Path write(String file, String name, Descriptor image) throws IOException {
    Path tar = temp.resolve(file);
    try (TarArchiveWriter writer = TarArchiveWriter.create(tar)) {
      Copy.copy(store, image, writer, CopyLog.SILENT);
      writer.tag(name, image);
      writer.finish();
    }
    return tar;
  }

  private static void put(TarArchiveOutputStream tar, String name, String text) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(text.length());
    tar.putArchiveEntry(entry);
    tar.write(text.getBytes(UTF_8));
    tar.closeArchiveEntry();
  }

  private static Map<String, byte[]> entries(Path file) throws IOException {
    var found = new HashMap<String, byte[]>();
    try (TarFile tar = new TarFile(file)) {
      for (TarArchiveEntry entry : tar.getEntries()) {
        found.put(entry.getName(), tar.getInputStream(entry).readAllBytes());
      }
    }
    return found;
  }
}
