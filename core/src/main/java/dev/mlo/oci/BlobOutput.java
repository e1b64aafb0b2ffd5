package dev.mlo.oci;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// Writes a file and hashes it at the same time: content of more than one chunk is hashed by a
/// second thread while this one writes, so the whole costs about as much as the slower of the two.
/// What was finished is on the disk.
final class BlobOutput extends OutputStream {
  private static final int CHUNK = BlobFile.BLOCK;
  private static final int CHUNKS = 6;

  private final BlobFile file;
  private final Path place;
  private final String algorithm;
  private final MessageDigest hasher;
  private final BlockingQueue<byte[]> free = new ArrayBlockingQueue<>(CHUNKS);
  private byte[] chunk = new byte[CHUNK];
  private int chunks = 1;
  private int filled;
  private @Nullable ExecutorService hashing;

  /// @param file which must not exist
  /// @param place where the file is, for messages
  BlobOutput(Path file, Path place, String algorithm) throws IOException {
    this(created(file, place), place, algorithm);
  }

  private BlobOutput(BlobFile file, Path place, String algorithm) {
    this.file = file;
    this.place = place;
    this.algorithm = algorithm;
    this.hasher = Digest.hasher(algorithm);
  }

  private static BlobFile created(Path file, Path place) throws IOException {
    try {
      return BlobFile.create(file);
    } catch (IOException e) {
      throw StoreException.of("write to " + place, e);
    }
  }

  /// Goes on at the end of a file; what it has is read for the hash.
  ///
  /// @param file closed with what is returned, or at once when it cannot be read
  static BlobOutput resume(BlobFile file, Path place, String algorithm) throws IOException {
    BlobOutput out = new BlobOutput(file, place, algorithm);
    boolean read = false;
    try {
      for (long at = 0; at < file.size(); at += CHUNK) {
        file.read(out.chunk, at);
        out.hasher.update(out.chunk);
      }
      read = true;
      return out;
    } catch (IOException e) {
      throw StoreException.of("read in " + place, e);
    } finally {
      if (!read) {
        file.close();
      }
    }
  }

  @Override
  public void write(int b) throws IOException {
    chunk[filled++] = (byte) b;
    if (filled == CHUNK) {
      passOn();
    }
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int from = offset;
    int left = length;
    while (left > 0) {
      int n = Math.min(left, CHUNK - filled);
      System.arraycopy(bytes, from, chunk, filled, n);
      filled += n;
      from += n;
      left -= n;
      if (filled == CHUNK) {
        passOn();
      }
    }
  }

  /// Writes what is left, waits for the hash, and makes the file last.
  Digest finish() throws IOException {
    put(() -> file.end(chunk, filled));
    if (hashing != null) {
      hashing.close();
    }
    hasher.update(chunk, 0, filled);
    filled = 0;
    put(file::force);
    return Digest.of(algorithm, hasher.digest());
  }

  long written() {
    return file.size();
  }

  private void passOn() throws IOException {
    put(() -> file.add(chunk));
    if (hashing == null) {
      hashing =
          Executors.newSingleThreadExecutor(
              Thread.ofPlatform().daemon().name("mlo-hash-", 0).factory());
    }
    byte[] full = chunk;
    hashing.execute(() -> {
      hasher.update(full);
      free.add(full);
    });
    chunk = next();
    filled = 0;
  }

  private byte[] next() throws IOException {
    byte @Nullable [] spare = free.poll();
    if (spare != null) {
      return spare;
    }
    if (chunks < CHUNKS) {
      chunks++;
      return new byte[CHUNK];
    }
    try {
      return free.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while hashing");
    }
  }

  private interface Step {
    void run() throws IOException;
  }

  private void put(Step step) throws IOException {
    try {
      step.run();
    } catch (IOException e) {
      throw StoreException.of("write to " + place, e);
    }
  }

  @Override
  public void close() throws IOException {
    try (file) {
      if (hashing != null) {
        hashing.close();
      }
    }
  }
}
