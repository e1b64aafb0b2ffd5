package dev.mlo.runner.model;

import dev.mlo.contract.SwapReport;
import dev.mlo.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.function.LongConsumer;

/// Layers on their way in, below `blobs/` of the state directory: `partial/` while they come,
/// `sha256/HEX` when their digest matched.
public final class BlobStore {
  private static final int BUFFER = 256 << 10;

  private final Path root;

  public BlobStore(Path state) throws IOException {
    this.root = state.resolve("blobs");
    Durable.deleteTree(partial());
    Files.createDirectories(partial());
  }

  private Path partial() {
    return root.resolve("partial");
  }

  Path file(Digest digest) {
    return root.resolve(digest.algorithm()).resolve(digest.hex());
  }

  boolean has(Digest digest) {
    return Files.isRegularFile(file(digest));
  }

  /// Takes a blob from a stream, hashing while it writes; never holds more than a buffer of it.
  ///
  /// @param progress told the number of bytes after each write
  /// @throws VersionException when the bytes are not those of the digest; nothing is kept
  public void receive(SwapReport.Blob blob, InputStream in, LongConsumer progress)
      throws IOException, VersionException {
    Digest digest = Digest.parse(blob.digest());
    Path part = Files.createTempFile(partial(), digest.brief(), ".part");
    try {
      Digest actual = copy(digest, blob.size(), in, part, progress);
      if (!actual.equals(digest)) {
        throw new VersionException(
            "digest_mismatch", "the bytes sent are %s, not %s".formatted(actual, digest));
      }
      Files.createDirectories(root.resolve(digest.algorithm()));
      Durable.rename(part, file(digest));
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static Digest copy(
      Digest expected, long size, InputStream in, Path part, LongConsumer progress)
      throws IOException, VersionException {
    MessageDigest hasher = expected.hasher();
    byte[] buffer = new byte[BUFFER];
    long total = 0;
    try (FileChannel out = FileChannel.open(part, StandardOpenOption.WRITE)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        total += n;
        if (total > size) {
          break;
        }
        hasher.update(buffer, 0, n);
        write(out, ByteBuffer.wrap(buffer, 0, n));
        progress.accept(n);
      }
      out.force(true);
    }
    if (total != size) {
      throw new VersionException(
          "digest_mismatch",
          "%s has %d bytes, not %s".formatted(expected, size, total > size ? "more" : total));
    }
    return Digest.of(expected.algorithm(), hasher.digest());
  }

  private static void write(FileChannel out, ByteBuffer chunk) throws VersionException {
    try {
      while (chunk.hasRemaining()) {
        out.write(chunk);
      }
    } catch (IOException e) {
      throw new VersionException("io_error", "the layer cannot be written: " + e.getMessage(), e);
    }
  }

  void delete(Digest digest) throws IOException {
    Files.deleteIfExists(file(digest));
  }

  /// Drops everything that came in and was never used.
  public void clear() throws IOException {
    Durable.deleteTree(root.resolve("sha256"));
    Durable.deleteTree(root.resolve("sha512"));
  }
}
