package dev.mlo.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LayerTest {
  @TempDir Path temporary;

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] bytes(LayerWriter writer) throws IOException {
    var out = new ByteArrayOutputStream();
    writer.writeTo(out);
    return out.toByteArray();
  }

  private LayerReader.Unpacked unpack(byte[] tar) throws IOException {
    return LayerReader.unpack(
        new ByteArrayInputStream(tar),
        temporary.resolve("out"),
        new LayerReader.Limits(1 << 20, 50));
  }

  @Test
  void bytesDoNotDependOnTheOrderOfCallsNorOnTheUser() throws IOException {
    String user = System.getProperty("user.name");
    byte[] one = bytes(new LayerWriter().file("m/a", 0644, text("A")).file("m/b", 0644, text("B")));
    System.setProperty("user.name", "somebody-else");
    byte[] two = bytes(new LayerWriter().file("m/b", 0644, text("B")).file("m/a", 0644, text("A")));
    System.setProperty("user.name", user);
    assertThat(two).isEqualTo(one);
  }

  /// Java holds its class-data archive against the times of the jars.
  @Test
  void unpackedFilesHaveTheTimeOfTheirEntries() throws IOException {
    unpack(bytes(new LayerWriter().file("m/a", 0644, text("A"))));
    assertThat(Files.getLastModifiedTime(temporary.resolve("out/m/a")).toMillis()).isZero();
  }

  @Test
  void formatIsFrozen() throws IOException {
    byte[] tar =
        bytes(
            new LayerWriter()
                .directory("var/lib/mlo", 0700, new LayerWriter.Owner(65532, 65532))
                .file("models/größe.txt", 0644, text("hello\n"))
                .file("models/" + "x".repeat(150), 0755, text("long\n"))
                .link("lib", "usr/lib"));
    assertThat(Digest.sha256(tar))
        .hasToString("sha256:19630d3aa744439892d05ceeb9c364ac9a27085e30d47b90cb901fd763e8c40c");
  }

  @Test
  void sizeIsKnownBeforeAnythingIsWritten() throws IOException {
    LayerWriter writer =
        new LayerWriter().file("a/ü", 0644, text("x".repeat(513))).file("b", 0600, text(""));
    assertThat(writer.size()).isEqualTo(bytes(writer).length);
  }

  @Test
  void unpacksWhatWasWritten() throws IOException {
    byte[] tar =
        bytes(
            new LayerWriter()
                .file("opt/run.sh", 0755, text("run"))
                .file("opt/größe/" + "n".repeat(200), 0640, text("deep"))
                .link("opt/alias", "run.sh"));
    LayerReader.Unpacked unpacked = unpack(tar);
    Path out = temporary.resolve("out");
    assertThat(unpacked.diffId()).isEqualTo(Digest.sha256(tar));
    assertThat(out.resolve("opt/größe/" + "n".repeat(200))).hasContent("deep");
    assertThat(out.resolve("opt/alias")).isSymbolicLink().hasContent("run");
    assertThat(
            PosixFilePermissions.toString(Files.getPosixFilePermissions(out.resolve("opt/run.sh"))))
        .isEqualTo("rwxr-xr-x");
  }

  @Test
  void gzipLayersHaveTheDiffIdOfTheirContent() throws IOException {
    byte[] tar = bytes(new LayerWriter().file("a", 0644, text("x")));
    var zipped = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(zipped)) {
      gzip.write(tar);
    }
    assertThat(unpack(zipped.toByteArray()).diffId()).isEqualTo(Digest.sha256(tar));
  }

  @Test
  void wrongDiffIdIsRefused() throws IOException {
    byte[] tar = bytes(new LayerWriter().file("a", 0644, text("x")));
    assertThatThrownBy(() ->
            LayerReader.unpack(
                new ByteArrayInputStream(tar),
                Digest.sha256(text("other")),
                temporary.resolve("out"),
                LayerReader.Limits.DEFAULT))
        .isInstanceOf(DigestMismatchException.class);
  }

  @Test
  void aLayerWhoseImageNamesItBySha512IsUnpacked() throws IOException {
    byte[] tar = bytes(new LayerWriter().file("a", 0644, text("x")));
    Digest diffId = Digest.of("sha512", Digest.hasher("sha512").digest(tar));
    LayerReader.unpack(
        new ByteArrayInputStream(tar),
        diffId,
        temporary.resolve("out"),
        LayerReader.Limits.DEFAULT);
    assertThat(temporary.resolve("out/a")).hasContent("x");
  }

  @Test
  void aLayerThatIsItsOwnContentIsUnpackedAsItIs() throws IOException {
    byte[] tar = bytes(new LayerWriter().file("a", 0644, text("x")));
    Path out = temporary.resolve("out");
    assertThat(unpackBlob(tar, Digest.sha256(tar), out).diffId()).isEqualTo(Digest.sha256(tar));
    assertThat(out.resolve("a")).hasContent("x");

    byte[] other = tar.clone();
    other[512] = 'y';
    assertThatThrownBy(() -> unpackBlob(other, Digest.sha256(tar), temporary.resolve("damaged")))
        .isInstanceOf(DigestMismatchException.class);
    assertThat(temporary.resolve("damaged/a")).doesNotExist();
  }

  @Test
  void aCompressedLayerThatCallsItselfItsOwnContentIsRefused() throws IOException {
    var zipped = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(zipped)) {
      gzip.write(bytes(new LayerWriter().file("a", 0644, text("x"))));
    }
    byte[] blob = zipped.toByteArray();
    Path out = temporary.resolve("out");
    assertThatThrownBy(() -> unpackBlob(blob, Digest.sha256(blob), out))
        .isInstanceOf(DigestMismatchException.class);
  }

  private static LayerReader.Unpacked unpackBlob(byte[] bytes, Digest digest, Path directory)
      throws IOException {
    Descriptor layer = Descriptor.of(MediaTypes.LAYER_TAR, digest, bytes.length);
    return LayerReader.unpack(
        new VerifiedStream(new ByteArrayInputStream(bytes), layer, "a test"),
        layer,
        digest,
        directory,
        LayerReader.Limits.DEFAULT);
  }

  @Test
  void fileThatGrewOrShrankIsRefused() throws IOException {
    Path file = Files.writeString(temporary.resolve("f"), "12345");
    assertThatThrownBy(() -> bytes(new LayerWriter().file("f", 0644, file, 4)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("changed while it was read");
    assertThatThrownBy(() -> bytes(new LayerWriter().file("f", 0644, file, 6)))
        .isInstanceOf(StoreException.class);
  }

  @Test
  void writerRefusesPathsThatLeaveTheTree() {
    for (String path : new String[] {"/a", "a/../b", "..", "a//b", "a/", "", "a/.wh.b", "a\0b"}) {
      assertThatIllegalArgumentException()
          .as(path)
          .isThrownBy(() -> new LayerWriter().file(path, 0644, text("")));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new LayerWriter().file("a", 0644, text("")).file("a", 0644, text("")));
  }

  private interface Hostile {
    void write(TarArchiveOutputStream tar) throws IOException;
  }

  private static byte[] tar(Hostile hostile) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var tar = new TarArchiveOutputStream(bytes)) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      hostile.write(tar);
    }
    return bytes.toByteArray();
  }

  private static void entry(
      TarArchiveOutputStream tar, String name, byte type, Consumer<TarArchiveEntry> change)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name, type, true);
    change.accept(entry);
    tar.putArchiveEntry(entry);
    if (entry.getSize() > 0) {
      tar.write(new byte[(int) entry.getSize()]);
    }
    tar.closeArchiveEntry();
  }

  private void refused(Hostile hostile) throws IOException {
    byte[] tar = tar(hostile);
    assertThatThrownBy(() -> unpack(tar)).isInstanceOf(DocumentException.class);
    assertThat(temporary.resolve("escaped")).doesNotExist();
    assertThat(Path.of("/mlo-escaped")).doesNotExist();
  }

  @Test
  void hostileEntriesAreRefused() throws IOException {
    refused(t -> entry(t, "../escaped", TarConstants.LF_NORMAL, e -> e.setSize(1)));
    refused(t -> entry(t, "a/../../escaped", TarConstants.LF_NORMAL, e -> e.setSize(1)));
    refused(t -> entry(t, "/mlo-escaped", TarConstants.LF_NORMAL, e -> e.setSize(1)));
    refused(t -> entry(t, "fifo", TarConstants.LF_FIFO, e -> {}));
    refused(t -> entry(t, "disk", TarConstants.LF_BLK, e -> {}));
    refused(t -> entry(t, "tty", TarConstants.LF_CHR, e -> {}));
    refused(t -> entry(t, "x", TarConstants.LF_SYMLINK, e -> e.setLinkName("../escaped")));
    refused(t -> entry(t, "y", TarConstants.LF_SYMLINK, e -> e.setLinkName("/etc/passwd")));
    refused(t -> entry(t, "z", TarConstants.LF_LINK, e -> e.setLinkName("/etc/passwd")));
    refused(t -> entry(t, "big", TarConstants.LF_NORMAL, e -> e.setSize(2 << 20)));
  }

  @Test
  void nothingIsWrittenThroughALink() throws IOException {
    refused(t -> {
      entry(t, "d", TarConstants.LF_SYMLINK, e -> e.setLinkName(".."));
      entry(t, "d/escaped", TarConstants.LF_NORMAL, e -> e.setSize(1));
    });
    refused(t -> {
      entry(t, "e", TarConstants.LF_SYMLINK, e -> e.setLinkName("../escaped"));
      entry(t, "e", TarConstants.LF_NORMAL, e -> e.setSize(1));
    });
  }

  @Test
  void linkChainThatLeavesTheTreeIsRefusedAlthoughEachLinkLooksInnocent() throws IOException {
    refused(t -> {
      entry(t, "a/", TarConstants.LF_DIR, e -> {});
      entry(t, "a/up", TarConstants.LF_SYMLINK, e -> e.setLinkName(".."));
      entry(t, "out", TarConstants.LF_SYMLINK, e -> e.setLinkName("a/up/../escaped"));
    });
  }

  @Test
  void tooManyEntriesAreRefused() throws IOException {
    refused(t -> {
      for (int i = 0; i < 51; i++) {
        entry(t, "f" + i, TarConstants.LF_NORMAL, e -> {});
      }
    });
  }

  @Test
  void gzipBombBehindTheEndOfTheTarIsRefused() throws IOException {
    var zipped = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(zipped)) {
      gzip.write(bytes(new LayerWriter().file("a", 0644, text("x"))));
      gzip.write(new byte[2 << 20]);
    }
    assertThatThrownBy(() -> unpack(zipped.toByteArray())).isInstanceOf(DocumentException.class);
  }

  @Test
  void setuidIsDroppedAndTruncationIsNoticed() throws IOException {
    byte[] tar = tar(t -> entry(t, "su", TarConstants.LF_NORMAL, e -> e.setMode(04755)));
    unpack(tar);
    Object mode = Files.getAttribute(temporary.resolve("out/su"), "unix:mode");
    assertThat((int) mode & 07777).isEqualTo(0755);
    byte[] whole = bytes(new LayerWriter().file("cut", 0644, text("x".repeat(5000))));
    assertThatThrownBy(() -> unpack(java.util.Arrays.copyOf(whole, 3000)))
        .isInstanceOf(IOException.class);
  }
}
