package dev.mlo.cli.build;

import dev.mlo.oci.BlobSink;
import dev.mlo.oci.BlobWriter;
import dev.mlo.oci.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// A file that is hashed by a second thread while it is passed on, so that it is read once.
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
    try (FileChannel in = FileChannel.open(file);
        ExecutorService hashing =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory())) {
      int taken;
      do {
        taken = sink.take(in, bytes -> hashing.submit(() -> hasher.update(bytes)));
      } while (taken >= 0);
    }
  }

  /// Of what was last passed on.
  Digest digest() {
    return Digest.of("sha256", hasher.digest());
  }
}
