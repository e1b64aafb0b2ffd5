package dev.mlo.cli.deploy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Which folders of a cache are in use, by any process of this machine: each is a byte of one file,
/// `CACHE/.uses`, on which those who use it have a shared lock. The operating system takes a lock
/// away from the dead; the file itself has no content and stays.
final class LayerUses {
  private static final String NAME = ".uses";

  /// By the file that is locked. Open until the process ends: to close a file lets go of all locks
  /// that the process has on it (POSIX `fcntl`).
  private static final Map<Path, LayerUses> OPEN = new ConcurrentHashMap<>();

  private final FileChannel channel;
  private final Set<Long> ours = ConcurrentHashMap.newKeySet();

  private LayerUses(FileChannel channel) {
    this.channel = channel;
  }

  /// @param cache which exists
  static synchronized LayerUses of(Path cache) throws IOException {
    Path file = cache.toRealPath().resolve(NAME);
    @Nullable LayerUses known = OPEN.get(file);
    if (known != null && known.channel.isOpen() && Files.exists(file)) {
      return known;
    }
    LayerUses opened =
        new LayerUses(
            FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE));
    OPEN.put(file, opened);
    return opened;
  }

  /// From now on until its end, this process uses a folder. Waits for who removes it right now.
  void use(String folder) throws IOException {
    long place = place(folder);
    synchronized (ours) {
      if (!ours.contains(place)) {
        channel.lock(place, 1, true);
        ours.add(place);
      }
    }
  }

  interface Work {
    void run() throws IOException;
  }

  /// Does something to a folder that nobody uses, and that nobody can come to use meanwhile.
  ///
  /// @return whether that was so
  boolean ifUnused(String folder, Work work) throws IOException {
    long place = place(folder);
    synchronized (ours) {
      if (ours.contains(place)) {
        return false;
      }
      try (@Nullable FileLock lock = channel.tryLock(place, 1, false)) {
        if (lock == null) {
          return false;
        }
        work.run();
        return true;
      }
    }
  }

  /// Names end in the hex digits of a digest, of which fifteen tell a cache's folders apart.
  private static long place(String folder) {
    return Long.parseLong(folder.substring(folder.length() - 15), 16);
  }
}
