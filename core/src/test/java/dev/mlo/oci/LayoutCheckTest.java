package dev.mlo.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayoutCheckTest {
  @TempDir Path directory;
  private LayoutStore store;
  private Descriptor layer;
  private Descriptor image;

  @BeforeEach
  void build() throws IOException {
    store = LayoutStore.create(directory);
    layer = store.blob(MediaTypes.LAYER_TAR, "weights".getBytes(UTF_8));
    byte[] manifest =
        new Manifest(
                MediaTypes.MANIFEST,
                null,
                store.blob(MediaTypes.CONFIG, "{}".getBytes(UTF_8)),
                List.of(layer),
                null,
                Map.of())
            .write();
    image = Descriptor.of(MediaTypes.MANIFEST, manifest);
    store.manifest(image, manifest);
    store.tag("iris:1.0.0", image);
  }

  private Path writable(Descriptor blob) throws IOException {
    Path file = directory.resolve("blobs/sha256").resolve(blob.digest().hex());
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  private List<String> faults(boolean deep) throws IOException {
    return LayoutCheck.of(directory, deep).faults();
  }

  @Test
  void aWholeLayoutHasNoFaults() throws IOException {
    LayoutCheck found = LayoutCheck.of(directory, true);
    assertThat(found.faults()).isEmpty();
    assertThat(found.images()).isEqualTo(1);
    assertThat(found.blobs()).isEqualTo(3);
    assertThat(found.abandoned()).isEmpty();
  }

  @Test
  void aTruncatedBlobIsFoundByItsSize() throws IOException {
    Files.writeString(writable(layer), "weig");
    assertThat(faults(false)).containsExactly(layer.digest() + " has 4 bytes, not 7");
  }

  @Test
  void aMissingBlobAndAMissingManifestAreFound() throws IOException {
    Files.delete(writable(layer));
    assertThat(faults(false)).containsExactly(layer.digest() + " is not there");
    Files.delete(writable(image));
    assertThat(faults(false)).singleElement().asString().startsWith("iris:1.0.0: ");
  }

  @Test
  void aFlippedByteIsFoundByHashingOnly() throws IOException {
    Files.writeString(writable(layer), "weightz");
    assertThat(faults(false)).isEmpty();
    assertThat(faults(true)).singleElement().asString().contains(layer.digest().toString());
  }

  @Test
  void filesOfKilledProcessesAreCounted() throws Exception {
    Process dead = new ProcessBuilder("true").start();
    dead.waitFor();
    String mine = new TempFiles(directory.resolve("blobs")).fresh().getFileName().toString();
    String me = "-" + ProcessHandle.current().pid() + "-";
    Path left =
        Files.createFile(
            directory.resolve("blobs").resolve(mine.replace(me, "-" + dead.pid() + "-")));
    Files.createFile(directory.resolve("blobs").resolve(mine));
    assertThat(LayoutCheck.of(directory, false).abandoned())
        .as("what we write ourselves is not abandoned")
        .containsExactly(left);
    assertThat(left).as("looking removes nothing").exists();
  }
}
