package dev.mlo.oci;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// Writes a file and hashes it at the same time: content of more than one chunk is read by the
/// caller, hashed by a second thread and written by a third; what other hashes see of it too is
/// hashed by a fourth. The whole costs about as much as the slowest of them, or as all of them
/// where there are fewer processors. What was finished is on the disk.
final class BlobOutput extends BlobSink {
  private static final int CHUNKS = 8;

  /// A piece of the content, what of it other hashes see too, and who still needs it.
  private record Chunk(ByteBuffer bytes, List<Shared> shared, List<Future<?>> needed) {
    static Chunk in(Arena memory) {
      return new Chunk(
          memory.allocate(BlobFile.BLOCK, BlobFile.ALIGNMENT).asByteBuffer(),
          new ArrayList<>(),
          new ArrayList<>());
    }

    /// Waits until nobody needs what it holds.
    void await() throws IOException {
      for (Future<?> need : needed) {
        settle(need);
      }
      needed.clear();
    }

    void empty() throws IOException {
      await();
      shared.clear();
      bytes.clear();
    }
  }

  /// Each does one thing to one chunk after the other.
  private record Threads(
      ExecutorService hashing, ExecutorService hashingBeside, ExecutorService writing)
      implements AutoCloseable {
    static Threads start() {
      return new Threads(one("mlo-hash-"), one("mlo-hash-beside-"), one("mlo-write-"));
    }

    private static ExecutorService one(String name) {
      return Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name(name, 0).factory());
    }

    /// Waits for all that they have to do.
    @Override
    public void close() {
      hashing.close();
      hashingBeside.close();
      writing.close();
    }
  }

  /// A part of a chunk.
  private record Shared(int from, int to, MessageDigest beside) {}

  private final BlobFile file;
  private final Path place;
  private final String algorithm;
  private final MessageDigest hasher;
  private final Arena memory = Arena.ofShared();
  private final Chunk[] ring = new Chunk[CHUNKS];
  private int turn;
  private long written;
  private @Nullable Threads threads;

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
    this.written = file.size();
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
  public int take(FileChannel from, MessageDigest beside) throws IOException {
    Chunk chunk = ring[turn];
    int start = chunk.bytes.position();
    int n = from.read(chunk.bytes);
    if (n > 0) {
      chunk.shared.add(new Shared(start, start + n, beside));
      passOn();
    }
    return n;
  }

  /// Waits for what is under way, writes what is left, and makes the file last.
  Digest finish() throws IOException {
    for (Chunk chunk : ring) {
      if (chunk != null) {
        chunk.await();
      }
    }
    Chunk rest = ring[turn];
    rest.bytes.flip();
    hash(rest);
    hashBeside(rest);
    written += rest.bytes.remaining();
    put(() -> file.end(rest.bytes));
    put(file::force);
    return Digest.of(algorithm, hasher.digest());
  }

  /// How many bytes the file has, or will have once this is closed.
  long written() {
    return written;
  }

  /// Once the chunk is full it is hashed and written, and the next one of the ring takes its place.
  private void passOn() throws IOException {
    Chunk full = ring[turn];
    if (full.bytes.hasRemaining()) {
      return;
    }
    if (threads == null) {
      threads = Threads.start();
    }
    full.bytes.flip();
    written += full.bytes.remaining();
    full.needed.add(threads.hashing.submit(() -> hash(full)));
    if (!full.shared.isEmpty()) {
      full.needed.add(threads.hashingBeside.submit(() -> hashBeside(full)));
    }
    full.needed.add(threads.writing.submit(write(full)));
    turn = (turn + 1) % CHUNKS;
    if (ring[turn] == null) {
      ring[turn] = Chunk.in(memory);
    }
    ring[turn].empty();
  }

  private void hash(Chunk chunk) {
    hasher.update(chunk.bytes.duplicate());
  }

  private void hashBeside(Chunk chunk) {
    ByteBuffer bytes = chunk.bytes.duplicate();
    for (Shared part : chunk.shared) {
      part.beside.update(bytes.limit(part.to).position(part.from));
    }
  }

  private Callable<Void> write(Chunk chunk) {
    return () -> {
      put(() -> file.add(chunk.bytes.duplicate()));
      return null;
    };
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

  /// Waits for one of the threads.
  ///
  /// @throws IOException what it failed with
  private static void settle(Future<?> step) throws IOException {
    try {
      step.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while hashing");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failed) {
        throw failed;
      }
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() throws IOException {
    try (memory;
        file) {
      if (threads != null) {
        threads.close();
      }
    }
  }
}
