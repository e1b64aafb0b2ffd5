package dev.mlo.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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

  /// A tar's header comes first, so that the file's blocks are no blocks of the blob.
  @ParameterizedTest
  @ValueSource(ints = {0, 1, BlobFile.BLOCK - 512, BlobFile.BLOCK, 20 * BlobFile.BLOCK + 77})
  void takesAFileAndShowsItToAReader(int size) throws Exception {
    byte[] content = bytes(size);
    byte[] header = bytes(512);
    Path source = Files.write(directory.resolve("source"), content);
    byte[] expected = Arrays.copyOf(header, 512 + size);
    System.arraycopy(content, 0, expected, 512, size);

    Path file = directory.resolve("blob");
    try (BlobOutput out = new BlobOutput(file, directory, "sha256")) {
      out.write(header);
      assertThat(shown(out, source)).isEqualTo(content);
      assertThat(out.finish()).isEqualTo(Digest.sha256(expected));
    }
    assertThat(Files.readAllBytes(file)).isEqualTo(expected);

    var plain = new ByteArrayOutputStream();
    plain.write(header);
    assertThat(shown(BlobSink.of(plain), source)).isEqualTo(content);
    assertThat(plain.toByteArray()).isEqualTo(expected);
  }

  /// What a reader on another thread has seen.
  private static byte[] shown(BlobSink sink, Path source) throws IOException {
    var seen = new ByteArrayOutputStream();
    try (FileChannel in = FileChannel.open(source);
        ExecutorService thread = Executors.newSingleThreadExecutor()) {
      int taken;
      do {
        taken =
            sink.take(
                in,
                bytes ->
                    thread.submit(() -> {
                      byte[] copy = new byte[bytes.remaining()];
                      bytes.get(copy);
                      seen.writeBytes(copy);
                    }));
      } while (taken >= 0);
    }
    return seen.toByteArray();
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
