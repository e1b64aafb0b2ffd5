package dev.mlo.oci;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// What has arrived of large blobs whose rest has not: `.part-RANDOM-HEX`, where HEX begins the
/// digest of the blob. A file is written by whoever holds the lock on it, which the operating
/// system takes away from the dead, whatever container or machine they were in. No second file ever
/// gets the name of another one, so who holds the lock of a file that still has its name is its
/// owner.
///
/// @param directory where they lie
record Partials(Path directory) {
  /// Smaller blobs are fetched again sooner than anybody looks for them, in bytes.
  static final long SMALLEST = 8 << 20;

  /// How long they are worth keeping without being asked.
  static final Duration LIFE = Duration.ofHours(24);

  /// The names of those that this process owns. It must not open one twice: to close a file lets go
  /// of all locks that the process has on it (POSIX `fcntl`).
  private static final Set<String> OURS = ConcurrentHashMap.newKeySet();

  /// One that this process owns until it is closed.
  static final class Partial implements AutoCloseable {
    private final Path file;
    private final FileChannel channel;

    private Partial(Path file, FileChannel channel) {
      this.file = file;
      this.channel = channel;
    }

    Path file() {
      return file;
    }

    FileChannel channel() {
      return channel;
    }

    @Override
    public void close() throws IOException {
      channel.close();
      OURS.remove(name(file));
    }
  }

  /// The one that has most of a blob among those that nobody writes.
  Optional<Partial> claim(Digest digest) throws IOException {
    var found = new ArrayList<Map.Entry<Path, Long>>();
    for (Path file : all("*-" + brief(digest))) {
      looked(file).ifPresent(size -> found.add(Map.entry(file, size)));
    }
    found.sort(Map.Entry.comparingByValue(Comparator.reverseOrder()));
    for (var candidate : found) {
      Optional<Partial> claimed = lock(candidate.getKey(), StandardOpenOption.READ);
      if (claimed.isPresent()) {
        return claimed;
      }
    }
    return Optional.empty();
  }

  /// A new one, of which nothing has arrived.
  Partial fresh(Digest digest) throws IOException {
    while (true) {
      String name =
          ".part-%016x-%s".formatted(ThreadLocalRandom.current().nextLong(), brief(digest));
      Path file = directory.resolve(name);
      // Between its creation and its lock another process may take it, empty as it is.
      Optional<Partial> ours = lock(file, StandardOpenOption.CREATE_NEW);
      if (ours.isPresent()) {
        return ours.get();
      }
    }
  }

  /// Removes all that nobody writes of a blob that is here now.
  void forget(Digest digest) throws IOException {
    for (Path file : all("*-" + brief(digest))) {
      if (looked(file).isPresent()) {
        remove(file);
      }
    }
  }

  /// Removes what nobody writes and nobody has written to since a moment. What cannot be removed
  /// stays: it harms nobody.
  void sweep(Instant moment) {
    try {
      for (Path file : before(moment)) {
        remove(file);
      }
    } catch (IOException e) {
      return;
    }
  }

  /// Those that nobody has written to since a moment.
  List<Path> before(Instant moment) throws IOException {
    var old = new ArrayList<Path>();
    for (Path file : all("*")) {
      if (looked(file).isPresent() && modified(file).isBefore(moment)) {
        old.add(file);
      }
    }
    return old;
  }

  private List<Path> all(String names) throws IOException {
    var found = new ArrayList<Path>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, ".part-" + names)) {
      files.forEach(found::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    } catch (NoSuchFileException e) {
      return List.of();
    }
    return found;
  }

  private static void remove(Path file) throws IOException {
    try (@Nullable Partial ours = lock(file, StandardOpenOption.READ).orElse(null)) {
      if (ours != null) {
        Files.deleteIfExists(file);
      }
    }
  }

  /// The size of a file that is ours alone: what belongs to another user, or has a second name, may
  /// be written by somebody else at any time, whatever lock we have.
  private static Optional<Long> looked(Path file) throws IOException {
    try {
      Map<String, Object> found =
          Files.readAttributes(
              file, "unix:uid,nlink,size,isRegularFile", LinkOption.NOFOLLOW_LINKS);
      boolean ours =
          Boolean.TRUE.equals(found.get("isRegularFile"))
              && Integer.valueOf(1).equals(found.get("nlink"))
              && Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(found.get("uid"));
      return ours && found.get("size") instanceof Long size ? Optional.of(size) : Optional.empty();
    } catch (NoSuchFileException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }

  private static Instant modified(Path file) throws IOException {
    try {
      return Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant();
    } catch (NoSuchFileException e) {
      return FileTime.fromMillis(Long.MAX_VALUE).toInstant();
    }
  }

  /// @param how to open it
  /// @return empty when somebody else owns it, or it is gone
  private static Optional<Partial> lock(Path file, StandardOpenOption how) throws IOException {
    if (!OURS.add(name(file))) {
      return Optional.empty();
    }
    @Nullable FileChannel channel = null;
    boolean ours = false;
    try {
      channel =
          FileChannel.open(
              file,
              how,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              LinkOption.NOFOLLOW_LINKS);
      ours = isLocked(channel) && Files.exists(file, LinkOption.NOFOLLOW_LINKS);
      return ours ? Optional.of(new Partial(file, channel)) : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } finally {
      if (!ours) {
        if (channel != null) {
          channel.close();
        }
        OURS.remove(name(file));
      }
    }
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  private static String brief(Digest digest) {
    return digest.hex().substring(0, 16);
  }
}
