package dev.mlo.runner.slot;

import dev.mlo.runner.model.BlobStore;
import dev.mlo.runner.model.VersionStore;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The directory in which a runner remembers: one process at a time, held by a lock that dies with
/// it.
public final class State implements AutoCloseable {
  private final Path root;
  private final FileChannel lock;
  private final BlobStore blobs;
  private final VersionStore versions;
  private final Journal journal;
  private final BootGuard guard;

  private State(Path root, FileChannel lock) throws IOException {
    this.root = root;
    this.lock = lock;
    this.blobs = new BlobStore(root);
    this.versions = new VersionStore(root, blobs);
    this.journal = new Journal(root.resolve("journal.log"));
    this.guard = new BootGuard(root.resolve("boot.json"));
  }

  /// @throws IOException when the directory cannot be written, or another process has it
  public static State open(Path root) throws IOException {
    Files.createDirectories(root);
    FileChannel channel =
        FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      @Nullable FileLock held = channel.tryLock();
      if (held == null) {
        throw new IOException("another runner uses `" + root + "`");
      }
      return new State(root, channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    } catch (OverlappingFileLockException e) {
      channel.close();
      throw new IOException("another runner uses `" + root + "`", e);
    }
  }

  BlobStore blobs() {
    return blobs;
  }

  VersionStore versions() {
    return versions;
  }

  Journal journal() {
    return journal;
  }

  BootGuard guard() {
    return guard;
  }

  Optional<Pointer> pointer() throws IOException {
    return Pointer.read(pointerFile());
  }

  Path pointerFile() {
    return root.resolve("active.json");
  }

  @Override
  public void close() throws IOException {
    journal.close();
    lock.close();
  }
}
