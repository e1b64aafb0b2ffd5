package dev.mlo.oci;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// Writes a file and hashes it at the same time: content of more than one chunk is hashed by a
/// second thread while this one writes, so the whole costs about as much as the slower of the two.
/// What was finished is on the disk.
final class BlobOutput extends BlobSink {
  private static final int CHUNKS = 6;

  /// A piece of the content, and who still looks at it.
  private record Chunk(ByteBuffer bytes, List<Future<?>> readers) {
    static Chunk in(Arena memory) {
      return new Chunk(
          memory.allocate(BlobFile.BLOCK, BlobFile.ALIGNMENT).asByteBuffer(), new ArrayList<>());
    }

    /// Waits until nobody needs what it holds.
    void empty() throws IOException {
      for (Future<?> reader : readers) {
        settle(reader);
      }
      readers.clear();
      bytes.clear();
    }
  }

  private final BlobFile file;
  private final Path place;
  private final String algorithm;
  private final MessageDigest hasher;
  private final Arena memory = Arena.ofShared();
  private final Chunk[] ring = new Chunk[CHUNKS];
  private int turn;
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
    this.ring[0] = Chunk.in(memory);
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
      ByteBuffer block = out.ring[0].bytes;
      for (long at = 0; at < file.size(); at += BlobFile.BLOCK) {
        file.read(block, at);
        out.hasher.update(block.flip());
        block.clear();
      }
      read = true;
      return out;
    } catch (IOException e) {
      throw StoreException.of("read in " + place, e);
    } finally {
      if (!read) {
        out.close();
      }
    }
  }

  @Override
  public void write(int b) throws IOException {
    ring[turn].bytes.put((byte) b);
    passOn();
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int from = offset;
    int left = length;
    while (left > 0) {
      ByteBuffer into = ring[turn].bytes;
      int n = Math.min(left, into.remaining());
      into.put(bytes, from, n);
      from += n;
      left -= n;
      passOn();
    }
  }

  @Override
  public int take(FileChannel from, Reader reader) throws IOException {
    Chunk chunk = ring[turn];
    int start = chunk.bytes.position();
    int n = from.read(chunk.bytes);
    if (n > 0) {
      chunk.readers.add(reader.read(chunk.bytes.slice(start, n)));
      passOn();
    }
    return n;
  }

  /// Writes what is left, waits for the hash, and makes the file last.
  Digest finish() throws IOException {
    ByteBuffer rest = ring[turn].bytes.flip();
    put(() -> file.end(rest.duplicate()));
    if (hashing != null) {
      hashing.close();
    }
    hasher.update(rest);
    put(file::force);
    return Digest.of(algorithm, hasher.digest());
  }

  long written() {
    return file.size();
  }

  /// Once the chunk is full it is hashed and written, and the next one of the ring takes its place.
  private void passOn() throws IOException {
    Chunk full = ring[turn];
    if (full.bytes.hasRemaining()) {
      return;
    }
    ByteBuffer bytes = full.bytes.flip();
    full.readers.add(hashing().submit(() -> hasher.update(bytes.duplicate())));
    put(() -> file.add(bytes.duplicate()));
    turn = (turn + 1) % CHUNKS;
    if (ring[turn] == null) {
      ring[turn] = Chunk.in(memory);
    }
    ring[turn].empty();
  }

  private ExecutorService hashing() {
    if (hashing == null) {
      hashing =
          Executors.newSingleThreadExecutor(
              Thread.ofPlatform().daemon().name("mlo-hash-", 0).factory());
    }
    return hashing;
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
    try (memory;
        file) {
      if (hashing != null) {
        hashing.close();
      }
    }
  }
}
