package dev.mlo.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.json.Json;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Exports as engines write them: those before version 25, and those since.
class DockerArchiveTest {
  private static final byte[] LOW = "the lower layer".getBytes(StandardCharsets.UTF_8);
  private static final byte[] HIGH = "the upper layer".getBytes(StandardCharsets.UTF_8);
  private static final DockerArchive.Notes NOTES =
      new DockerArchive.Notes(
          List.of(Map.of("role", "base"), Map.of("role", "model"), Map.of("role", "base")),
          Map.of("title", "iris"));

  @TempDir Path scratch;

  @Test
  void theManifestIsMadeAnewOfAnExportThatHasNone() throws IOException {
    byte[] config = config(LOW, HIGH);
    Export export = new Export();
    export.file("a/layer.tar", LOW);
    export.file("b/layer.tar", HIGH);
    export.file("c.json", config);
    export.file("manifest.json", manifest("c.json", "a/layer.tar", "b/layer.tar"));

    try (DockerArchive archive = read(export, NOTES)) {
      Manifest made = Manifest.parse(archive.manifest(archive.root()));

      assertThat(archive.isRemade()).isTrue();
      assertThat(made.config().digest()).isEqualTo(Digest.sha256(config));
      assertThat(made.layers())
          .extracting(Descriptor::digest)
          .containsExactly(Digest.sha256(LOW), Digest.sha256(HIGH));
      assertThat(made.layers().get(1).annotations()).containsEntry("role", "model");
      assertThat(made.annotations()).containsEntry("title", "iris");
      assertThat(archive.blob(made.layers().get(0))).hasBinaryContent(LOW);
      assertThat(archive.blob(made.config())).hasBinaryContent(config);
    }
    assertThat(scratch).isEmptyDirectory();
  }

  @Test
  void aLayerThatIsThereTwiceIsALinkToTheFirst() throws IOException {
    String first = "a".repeat(64) + "/layer.tar";
    Export export = new Export();
    export.file(first, LOW);
    export.file("b/layer.tar", HIGH);
    export.link("c/layer.tar", "../" + first);
    export.file("c.json", config(LOW, HIGH, LOW));
    export.file("manifest.json", manifest("c.json", first, "b/layer.tar", "c/layer.tar"));

    try (DockerArchive archive = read(export, NOTES)) {
      Descriptor third = Manifest.parse(archive.manifest(archive.root())).layers().get(2);

      assertThat(archive.blob(third)).hasBinaryContent(LOW);
    }
  }

  @Test
  void aManifestThatSaysWhatItsLayersAreForIsKept() throws IOException {
    byte[] config = config(LOW);
    Descriptor layer = Descriptor.of(MediaTypes.LAYER_TAR, LOW).with("role", "model");
    byte[] manifest =
        new Manifest(
                MediaTypes.MANIFEST,
                null,
                Descriptor.of(MediaTypes.CONFIG, config),
                List.of(layer),
                null,
                Map.of())
            .write();
    Descriptor described = Descriptor.of(MediaTypes.MANIFEST, manifest);
    Export export = new Export();
    for (byte[] blob : List.of(LOW, config, manifest)) {
      export.file("blobs/sha256/" + Digest.sha256(blob).hex(), blob);
    }
    export.file("index.json", LayoutIndex.empty().tagged("1.0.0", described).write());
    export.file(
        "manifest.json",
        manifest(
            "blobs/sha256/" + Digest.sha256(config).hex(),
            "blobs/sha256/" + Digest.sha256(LOW).hex()));

    try (DockerArchive archive = read(export, NOTES)) {
      assertThat(archive.isRemade()).isFalse();
      assertThat(archive.root().digest()).isEqualTo(described.digest());
      assertThat(archive.blob(layer)).hasBinaryContent(LOW);
    }
  }

  @Test
  void aFileOfThatFormIsReadWhereItLies() throws IOException {
    Export export = new Export();
    export.file("a.tar", LOW);
    export.link("1/layer.tar", "../a.tar");
    export.file("c.json", config(LOW));
    export.file("manifest.json", manifest("c.json", "a.tar"));
    Path file = Files.write(scratch.resolve("skopeo.tar"), export.bytes());

    assertThat(DockerArchive.is(file)).isTrue();
    try (DockerArchive archive = DockerArchive.open(file, "tar:x", _ -> NOTES)) {
      Manifest made = Manifest.parse(archive.manifest(archive.root()));
      assertThat(archive.blob(made.layers().getFirst())).hasBinaryContent(LOW);
      assertThat(made.layers().getFirst().annotations()).containsEntry("role", "base");
    }
    assertThat(file).exists();
    Path other = Files.write(scratch.resolve("other.tar"), LOW);
    assertThat(DockerArchive.is(other)).isFalse();
  }

  @Test
  void aLayerThatIsStillCompressedStaysSo() throws IOException {
    var gzip = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(gzip)) {
      out.write(LOW);
    }
    Export export = new Export();
    export.file("a.tar.gz", gzip.toByteArray());
    export.file("c.json", config(LOW));
    export.file("manifest.json", manifest("c.json", "a.tar.gz"));

    try (DockerArchive archive = read(export, NOTES)) {
      Descriptor layer = Manifest.parse(archive.manifest(archive.root())).layers().getFirst();
      assertThat(layer.mediaType()).isEqualTo(MediaTypes.LAYER_TAR_GZIP);
      assertThat(layer.digest()).isEqualTo(Digest.sha256(gzip.toByteArray()));
      assertThat(archive.blob(layer)).hasBinaryContent(gzip.toByteArray());
    }
  }

  @Test
  void aLayerWithOtherBytesIsNotGivenAway() throws IOException {
    Export export = new Export();
    export.file("a/layer.tar", HIGH);
    export.file("c.json", config(LOW));
    export.file("manifest.json", manifest("c.json", "a/layer.tar"));

    try (DockerArchive archive = read(export, DockerArchive.Notes.NONE)) {
      Descriptor layer = Manifest.parse(archive.manifest(archive.root())).layers().getFirst();

      assertThatThrownBy(() -> archive.blob(layer).readAllBytes())
          .isInstanceOf(DigestMismatchException.class);
    }
  }

  @Test
  void whatLeadsOutOfTheExportIsNotFollowed() throws IOException {
    Export export = new Export();
    export.link("a/layer.tar", "/etc/passwd");
    export.file("c.json", config(LOW));
    export.file("manifest.json", manifest("c.json", "a/layer.tar"));

    assertThatThrownBy(() -> read(export, DockerArchive.Notes.NONE))
        .isInstanceOf(DocumentException.class)
        .hasMessageContaining("a/layer.tar");
    assertThat(scratch).isEmptyDirectory();
  }

  @Test
  void anExportThatIsCutOffIsRefused() throws IOException {
    Export export = new Export();
    export.file("a/layer.tar", new byte[1 << 20]);
    byte[] whole = export.bytes();

    assertThatThrownBy(() ->
            DockerArchive.read(
                new ByteArrayInputStream(whole, 0, whole.length / 2),
                scratch,
                "docker:iris",
                _ -> DockerArchive.Notes.NONE))
        .isInstanceOf(OciException.class);
    assertThat(scratch).isEmptyDirectory();
  }

  private DockerArchive read(Export export, DockerArchive.Notes notes) throws IOException {
    InputStream in = new ByteArrayInputStream(export.bytes());
    return DockerArchive.read(in, scratch, "docker:iris", _ -> notes);
  }

  private static byte[] config(byte[]... layers) throws IOException {
    ImageConfig config =
        ImageConfig.of(new Platform("linux", "amd64"), ImageConfig.EPOCH, Json.object());
    for (byte[] layer : layers) {
      config = config.withLayer(Digest.sha256(layer), "made");
    }
    return config.write();
  }

  private static byte[] manifest(String config, String... layers) {
    var list = Json.array();
    var image = list.addObject().put("Config", config);
    var paths = image.putArray("Layers");
    List.of(layers).forEach(paths::add);
    return Json.compact(list);
  }

  private static final class Export {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes, "UTF-8");

    void file(String name, byte[] content) throws IOException {
      TarArchiveEntry entry = new TarArchiveEntry(name);
      entry.setSize(content.length);
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
    }

    void link(String name, String target) throws IOException {
      TarArchiveEntry entry = new TarArchiveEntry(name, TarConstants.LF_SYMLINK);
      entry.setLinkName(target);
      tar.putArchiveEntry(entry);
      tar.closeArchiveEntry();
    }

    byte[] bytes() throws IOException {
      tar.finish();
      return bytes.toByteArray();
    }
  }
}
