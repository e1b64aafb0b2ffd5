package dev.mlo.cli.promote;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.oci.LockLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// A lock of the operating system on a file, which ends with the process however it ends. It queues
/// those who work on the same thing; what must not go wrong without it (a network file system that
/// does not lock) is held by the compare-and-swaps behind it.
final class FileGuard implements AutoCloseable {
  private final FileChannel channel;
  private final FileLock lock;

  private FileGuard(FileChannel channel, FileLock lock) {
    this.channel = channel;
    this.lock = lock;
  }

  /// @param what for the message: what somebody else is working on
  /// @throws Failure CONFLICT when it is not free after `patience`
  static FileGuard acquire(Path file, Duration patience, String what) throws IOException {
    @Nullable Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      @Nullable FileLock lock = wait(channel, file, patience);
      if (lock != null) {
        sign(channel);
        return new FileGuard(channel, lock);
      }
      String holder = holder(channel);
      channel.close();
      throw Failure.of(ExitCode.CONFLICT, "%s is busy".formatted(what))
          .why(
              "another mlo (process %s) holds `%s` for more than %d s"
                  .formatted(holder, file, patience.toSeconds()))
          .hint("wait until it has ended, then run the same command again");
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static @Nullable FileLock wait(FileChannel channel, Path file, Duration patience)
      throws IOException {
    long end = System.nanoTime() + patience.toNanos();
    LockLog.Wait wait = new LockLog.Wait(file, patience);
    while (true) {
      @Nullable FileLock lock = attempt(channel);
      if (lock != null || System.nanoTime() > end) {
        return lock;
      }
      wait.goesOn(() -> "process " + holder(channel));
      try {
        Thread.sleep(ThreadLocalRandom.current().nextLong(5, 25));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw Failure.of(ExitCode.INTERRUPTED, "interrupted while waiting for a lock").cause(e);
      }
    }
  }

  private static @Nullable FileLock attempt(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }

  private static void sign(FileChannel channel) throws IOException {
    byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(pid), 0);
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(20);
    channel.read(buffer, 0);
    String text = StandardCharsets.US_ASCII.decode(buffer.flip()).toString().strip();
    return text.matches("[0-9]+") ? text : "unknown";
  }

  @Override
  public void close() throws IOException {
    try (channel) {
      lock.release();
    }
  }
}
