package dev.mlo.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A large blob goes past the page cache block by block; what lies on the disk must not show it.
class BlobOutputTest {
  @TempDir Path directory;

  private static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }

  /// @param pieces how the bytes come
  private static void assertWritten(Path file, byte[] bytes, int pieces) throws IOException {
    try (BlobOutput out = new BlobOutput(file, file.resolveSibling(""), "sha256")) {
      for (int at = 0; at < bytes.length; at += pieces) {
        out.write(bytes, at, Math.min(pieces, bytes.length - at));
      }
      assertThat(out.finish()).isEqualTo(Digest.sha256(bytes));
      assertThat(out.written()).isEqualTo(bytes.length);
    }
    assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        0,
        1,
        511,
        BlobFile.BLOCK - 1,
        BlobFile.BLOCK,
        BlobFile.BLOCK + 1,
        3 * BlobFile.BLOCK,
        3 * BlobFile.BLOCK + 512
      })
  void sizesAroundABlock(int size) throws IOException {
    assertWritten(directory.resolve("blob"), bytes(size), 100_003);
  }

  @Test
  void moreBlocksThanBuffers() throws IOException {
    assertWritten(directory.resolve("blob"), bytes(20 * BlobFile.BLOCK + 77), BlobFile.BLOCK / 3);
  }

  /// A tar's header comes first, so that the file's blocks are no blocks of the blob.
  @ParameterizedTest
  @CsvSource({
    "512, 0, sha256",
    "512, 1, sha256",
    "512, 1048064, sha256",
    "512, 1048576, sha256",
    "512, 20971597, sha256",
    "1536, 20971597, sha512",
    "77, 20971597, sha256"
  })
  void takesAFileAndHashesItBeside(int ahead, int size, String algorithm) throws Exception {
    byte[] content = bytes(size);
    byte[] header = bytes(ahead);
    Path source = Files.write(directory.resolve("source"), content);
    byte[] expected = Arrays.copyOf(header, ahead + size);
    System.arraycopy(content, 0, expected, ahead, size);

    Path file = directory.resolve("blob");
    MessageDigest beside = Digest.hasher("sha256");
    try (BlobOutput out = new BlobOutput(file, directory, algorithm)) {
      out.write(header);
      takeAll(source, out, beside);
      out.write(header);
      Digest all = out.finish();
      assertThat(all).isEqualTo(digest(algorithm, expected, header));
    }
    assertThat(Digest.of("sha256", beside.digest())).isEqualTo(Digest.sha256(content));
    assertThat(Files.readAllBytes(file)).startsWith(expected).endsWith(header);

    var plain = new ByteArrayOutputStream();
    plain.write(header);
    takeAll(source, BlobSink.of(plain), beside);
    assertThat(Digest.of("sha256", beside.digest())).isEqualTo(Digest.sha256(content));
    assertThat(plain.toByteArray()).isEqualTo(expected);
  }

  private static void takeAll(Path source, BlobSink sink, MessageDigest beside) throws IOException {
    try (FileChannel in = FileChannel.open(source)) {
      int taken;
      do {
        taken = sink.take(in, beside);
      } while (taken >= 0);
    }
  }

  private static Digest digest(String algorithm, byte[]... parts) {
    MessageDigest hasher = Digest.hasher(algorithm);
    for (byte[] part : parts) {
      hasher.update(part);
    }
    return Digest.of(algorithm, hasher.digest());
  }

  /// Three files of one blob, none of which begins or ends where a chunk does.
  @Test
  void severalFilesInOneChunk() throws IOException {
    MessageDigest[] beside = new MessageDigest[3];
    try (BlobOutput out = new BlobOutput(directory.resolve("blob"), directory, "sha256")) {
      for (int i = 0; i < beside.length; i++) {
        beside[i] = Digest.hasher("sha256");
        Path source = Files.write(directory.resolve("source" + i), bytes(700_001 + i));
        out.write(bytes(100 + i));
        takeAll(source, out, beside[i]);
      }
      assertThat(out.finish())
          .isEqualTo(Digest.sha256(Files.readAllBytes(directory.resolve("blob"))));
    }
    for (int i = 0; i < beside.length; i++) {
      assertThat(Digest.of("sha256", beside[i].digest()))
          .isEqualTo(Digest.sha256(bytes(700_001 + i)));
    }
  }

  /// The thread that writes fails, and the one that passes the bytes on says so.
  @Test
  void aDiskThatIsFull() throws IOException {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.isWritable(full), "there is no full device");
    byte[] bytes = bytes(20 * BlobFile.BLOCK);
    BlobFile file = BlobFile.resume(full, FileChannel.open(full, StandardOpenOption.WRITE), 0);
    try (BlobOutput out = BlobOutput.resume(file, full, "sha256")) {
      assertThatThrownBy(
              () -> {
                out.write(bytes, 0, bytes.length);
                out.finish();
              })
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("No space left");
    }
  }

  @Test
  void aFileSystemInMemory() throws IOException {
    Path memory = Path.of("/dev/shm");
    assumeTrue(Files.isWritable(memory), "there is no file system in memory");
    Path file = new TempFiles(memory).fresh();
    try {
      assertWritten(file, bytes(2 * BlobFile.BLOCK + 5), BlobFile.BLOCK);
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
