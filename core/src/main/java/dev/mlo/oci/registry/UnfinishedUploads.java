package dev.mlo.oci.registry;

import dev.mlo.json.Json;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Where the uploads of a project stand that did not come to their end, for the next run to go on.
/// Nobody goes on with most of them: the image was pushed elsewhere, or is gone.
///
/// @param directory where they are noted down
public record UnfinishedUploads(Path directory) {
  /// Registries forget what they have of a blob after a day, most of them sooner.
  private static final Duration LIFE = Duration.ofHours(24);

  /// Removes what nobody can go on with: an upload that a day ago was the last time anything moved,
  /// or whose blob is gone. One that is under way stays.
  ///
  /// @param gone the files that are no more, whatever the disk says
  /// @param dryRun only say what would go
  /// @return how many uploads
  public int sweep(Instant now, Predicate<Path> gone, boolean dryRun) throws IOException {
    int forgotten = 0;
    for (String name : names()) {
      Path record = directory.resolve(name + Unfinished.RECORD);
      boolean noted = Files.exists(record);
      if (noted && !isLost(record, now, gone)) {
        continue;
      }
      if (dryRun ? isFree(name) : forget(name)) {
        forgotten += noted ? 1 : 0;
      }
    }
    return forgotten;
  }

  private boolean isFree(String name) throws IOException {
    Path file = directory.resolve(name + Unfinished.LOCK);
    if (!Files.exists(file)) {
      return true;
    }
    Optional<FileChannel> lock = Unfinished.lock(file);
    if (lock.isPresent()) {
      lock.get().close();
    }
    return lock.isPresent();
  }

  /// The lock goes last: until then nobody else notes anything down under this name.
  ///
  /// @return whether it is forgotten; not so while another process sends the blob
  private boolean forget(String name) throws IOException {
    Path file = directory.resolve(name + Unfinished.LOCK);
    Optional<FileChannel> lock = Unfinished.lock(file);
    if (lock.isEmpty()) {
      return false;
    }
    try (FileChannel _ = lock.get()) {
      Files.deleteIfExists(directory.resolve(name + Unfinished.TEMPORARY));
      Files.deleteIfExists(directory.resolve(name + Unfinished.RECORD));
      Files.deleteIfExists(file);
    }
    return true;
  }

  private TreeSet<String> names() throws IOException {
    var names = new TreeSet<String>();
    if (Files.isDirectory(directory)) {
      try (Stream<Path> files = Files.list(directory)) {
        files
            .map(file -> String.valueOf(file.getFileName()))
            .filter(name -> name.matches("[0-9a-f]{32}[.](json|lock|json[.]tmp)"))
            .map(name -> name.substring(0, name.indexOf('.')))
            .forEach(names::add);
      }
    }
    return names;
  }

  private static boolean isLost(Path record, Instant now, Predicate<Path> gone) throws IOException {
    try {
      Instant moved = Files.getLastModifiedTime(record).toInstant();
      if (moved.isBefore(now.minus(LIFE))) {
        return true;
      }
      @Nullable String from =
          Json.parse(Files.readAllBytes(record)).path(Unfinished.FROM).textValue();
      return from != null && (!Files.exists(Path.of(from)) || gone.test(Path.of(from)));
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException | IllegalArgumentException e) {
      // Nobody can go on with what cannot be read.
      return true;
    }
  }
}
