package dev.mlo.oci;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The right to change something on a disk that several processes change, such as the names of a
/// layout: held by one thread of one process on the machine.
public final class StoreLock implements AutoCloseable {
  /// Locks of the operating system belong to a process, and closing any channel of the file gives
  /// them up (POSIX `fcntl`), so threads must take turns before they touch the file.
  private static final ReentrantLock ONE_THREAD = new ReentrantLock();

  private static final long LONGEST_PAUSE_MILLIS = 50;

  private final FileChannel channel;

  private StoreLock(FileChannel channel) {
    this.channel = channel;
  }

  /// Waits until the lock is free.
  ///
  /// @throws StoreException when it is not free in time; the message names the file and, where
  ///   known, the process that holds it
  public static StoreLock acquire(Path file, Duration patience) throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    try {
      if (!ONE_THREAD.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS)) {
        throw held(file, patience, "another thread of this process");
      }
    } catch (InterruptedException e) {
      throw interrupted();
    }
    @Nullable FileChannel channel = null;
    boolean locked = false;
    try {
      channel =
          FileChannel.open(
              file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (!lock(channel, file, patience, deadline)) {
        throw held(file, patience, holder(channel));
      }
      sign(channel);
      locked = true;
      return new StoreLock(channel);
    } finally {
      if (!locked) {
        release(channel);
      }
    }
  }

  private static boolean lock(FileChannel channel, Path file, Duration patience, long deadline)
      throws IOException {
    LockLog.Wait wait = new LockLog.Wait(file, patience);
    long pause = 1;
    while (true) {
      @Nullable FileLock lock = channel.tryLock();
      if (lock != null) {
        return true;
      }
      if (System.nanoTime() - deadline >= 0) {
        return false;
      }
      wait.goesOn(() -> holder(channel));
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        throw interrupted();
      }
      pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
    }
  }

  /// For the message of whoever waits in vain.
  private static void sign(FileChannel channel) throws IOException {
    byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
    channel.truncate(0);
    channel.write(ByteBuffer.wrap(pid), 0);
  }

  private static String holder(FileChannel channel) throws IOException {
    ByteBuffer pid = ByteBuffer.allocate(20);
    int read = channel.read(pid, 0);
    String text =
        new String(pid.array(), 0, Math.max(0, read), StandardCharsets.US_ASCII)
            .replaceAll("[^0-9]", "");
    return text.isEmpty() ? "another process" : "process " + text;
  }

  private static StoreException held(Path file, Duration patience, String by) {
    return new StoreException(
        "`%s` is locked: %s holds %s and did not let go within %d s"
            .formatted(file.toAbsolutePath().getParent(), by, file, patience.toSeconds()),
        null,
        "run the same command again when that has ended");
  }

  private static InterruptedIOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted while waiting for a lock");
  }

  private static void release(@Nullable FileChannel channel) throws IOException {
    try {
      if (channel != null) {
        channel.close();
      }
    } finally {
      ONE_THREAD.unlock();
    }
  }

  @Override
  public void close() throws IOException {
    release(channel);
  }
}
