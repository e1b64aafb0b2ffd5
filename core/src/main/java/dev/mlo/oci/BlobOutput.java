package dev.mlo.oci;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// Writes a file and hashes it at the same time: content of more than one chunk is hashed by a
/// second thread while this one writes, so the whole costs about as much as the slower of the two.
final class BlobOutput extends OutputStream {
  private static final int CHUNK = 1 << 20;
  private static final int CHUNKS = 6;

  private final FileChannel channel;
  private final Path place;
  private final String algorithm;
  private final MessageDigest hasher;
  private final BlockingQueue<byte[]> free = new ArrayBlockingQueue<>(CHUNKS);
  private byte[] chunk = new byte[CHUNK];
  private int chunks = 1;
  private int filled;
  private long written;
  private @Nullable ExecutorService hashing;

  /// @param place where the file is, for messages
  BlobOutput(FileChannel channel, Path place, String algorithm) {
    this.channel = channel;
    this.place = place;
    this.algorithm = algorithm;
    this.hasher = Digest.hasher(algorithm);
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

  /// Writes what is left and waits for the hash.
  Digest finish() throws IOException {
    flushChunk();
    if (hashing != null) {
      hashing.close();
    }
    hasher.update(chunk, 0, filled);
    filled = 0;
    return Digest.of(algorithm, hasher.digest());
  }

  long written() {
    return written;
  }

  private void passOn() throws IOException {
    flushChunk();
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

  private void flushChunk() throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(chunk, 0, filled);
    try {
      while (bytes.hasRemaining()) {
        written += channel.write(bytes);
      }
    } catch (IOException e) {
      throw StoreException.of("write to " + place, e);
    }
  }

  /// Ends the second thread; the channel is its owner's to close.
  @Override
  public void close() {
    if (hashing != null) {
      hashing.close();
    }
  }
}
