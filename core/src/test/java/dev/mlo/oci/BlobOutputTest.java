package dev.mlo.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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
