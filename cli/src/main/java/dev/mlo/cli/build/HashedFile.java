package dev.mlo.cli.build;

import dev.mlo.oci.BlobSink;
import dev.mlo.oci.BlobWriter;
import dev.mlo.oci.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;

/// A file that is hashed while it is passed on, so that it is read once.
final class HashedFile implements BlobWriter {
  private final Path file;
  private final MessageDigest hasher = Digest.hasher("sha256");

  HashedFile(Path file) {
    this.file = file;
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    hasher.reset();
    BlobSink sink = BlobSink.of(out);
    try (FileChannel in = FileChannel.open(file)) {
      int taken;
      do {
        taken = sink.take(in, hasher);
      } while (taken >= 0);
    }
  }

  /// Of what was last passed on, once all of that is a blob.
  Digest digest() {
    return Digest.of("sha256", hasher.digest());
  }
}
