package dev.mlo.runner.model;

import dev.mlo.oci.Descriptor;
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
  /// @throws VersionException when the bytes are not those of the descriptor; nothing is kept
  public void receive(Descriptor blob, InputStream in, LongConsumer progress)
      throws IOException, VersionException {
    Path part = Files.createTempFile(partial(), blob.digest().brief(), ".part");
    try {
      Digest actual = copy(blob, in, part, progress);
      if (!actual.equals(blob.digest())) {
        throw new VersionException(
            "digest_mismatch", "the bytes sent are %s, not %s".formatted(actual, blob.digest()));
      }
      Files.createDirectories(file(blob.digest()).getParent());
      Durable.rename(part, file(blob.digest()));
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static Digest copy(Descriptor blob, InputStream in, Path part, LongConsumer progress)
      throws IOException, VersionException {
    MessageDigest hasher = blob.digest().hasher();
    byte[] buffer = new byte[BUFFER];
    long total = 0;
    try (FileChannel out = FileChannel.open(part, StandardOpenOption.WRITE)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        total += n;
        if (total > blob.size()) {
          break;
        }
        hasher.update(buffer, 0, n);
        write(out, ByteBuffer.wrap(buffer, 0, n));
        progress.accept(n);
      }
      out.force(true);
    }
    if (total != blob.size()) {
      throw new VersionException(
          "digest_mismatch",
          "%s has %d bytes, not %s"
              .formatted(blob.digest(), blob.size(), total > blob.size() ? "more" : total));
    }
    return Digest.of(blob.digest().algorithm(), hasher.digest());
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
