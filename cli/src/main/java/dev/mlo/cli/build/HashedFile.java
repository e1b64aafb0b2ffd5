package dev.mlo.cli.build;

import dev.mlo.oci.BlobWriter;
import dev.mlo.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// A file that is hashed by a second thread while it is passed on, so that it is read once.
final class HashedFile implements BlobWriter {
  private static final int CHUNK = 1 << 20;
  private static final int CHUNKS = 4;

  private final Path file;
  private final MessageDigest hasher = Digest.hasher("sha256");

  HashedFile(Path file) {
    this.file = file;
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    hasher.reset();
    byte[][] chunks = new byte[CHUNKS][CHUNK];
    Future<?>[] hashed = new Future<?>[CHUNKS];
    try (InputStream in = Files.newInputStream(file);
        ExecutorService hashing =
            Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory())) {
      int turn = 0;
      byte[] chunk = chunks[0];
      for (int n = in.readNBytes(chunk, 0, CHUNK); n > 0; n = in.readNBytes(chunk, 0, CHUNK)) {
        byte[] full = chunk;
        int length = n;
        hashed[turn] = hashing.submit(() -> hasher.update(full, 0, length));
        out.write(chunk, 0, n);
        turn = (turn + 1) % CHUNKS;
        chunk = chunks[turn];
        await(hashed[turn]);
      }
      for (Future<?> last : hashed) {
        await(last);
      }
    }
  }

  private static void await(@org.jspecify.annotations.Nullable Future<?> hashed)
      throws IOException {
    try {
      if (hashed != null) {
        hashed.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while hashing");
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Of what was last passed on.
  Digest digest() {
    return Digest.of("sha256", hasher.digest());
  }
}
