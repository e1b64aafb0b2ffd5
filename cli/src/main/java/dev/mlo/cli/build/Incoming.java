package dev.mlo.cli.build;

import dev.mlo.oci.Digest;
import dev.mlo.oci.TempFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;

/// The folder for an image that is fetched before it is known whether it will be used, on the disk
/// where it would go: `.fetch-PROCESS-IMAGE-RANDOM`. It is gone when it is closed, unless it is to
/// be kept. What was kept, and what a killed process left, is gone on with by the next one that
/// fetches the same image.
final class Incoming implements AutoCloseable {
  private static final String PREFIX = ".fetch-";

  /// No process has this number.
  private static final long NOBODY = 0;

  /// How long what was left is worth keeping.
  private static final Duration LIFE = Duration.ofHours(24);

  private final Path home;
  private final String image;
  private Path folder;
  private boolean kept;

  private Incoming(Path home, String image) {
    this.home = home;
    this.image = image;
    this.folder = name(ProcessHandle.current().pid());
  }

  static Incoming in(Path home, Digest image) throws IOException {
    var incoming = new Incoming(home, image.brief());
    if (!incoming.adopt()) {
      Files.createDirectory(incoming.folder);
    }
    return incoming;
  }

  Path folder() {
    return folder;
  }

  /// Leaves to the next one what has arrived.
  void keep() throws IOException {
    Path left = name(NOBODY);
    Files.move(folder, left, StandardCopyOption.ATOMIC_MOVE);
    folder = left;
    kept = true;
  }

  @Override
  public void close() throws IOException {
    if (!kept) {
      TempFiles.delete(folder);
    }
  }

  /// Takes over what somebody left of this image, and removes what has been lying there for long.
  private boolean adopt() throws IOException {
    try (DirectoryStream<Path> all = Files.newDirectoryStream(home, PREFIX + "*")) {
      for (Path left : all) {
        if (!isAbandoned(left)) {
          continue;
        }
        if (String.valueOf(left.getFileName()).split("-", -1)[2].equals(image) && move(left)) {
          return true;
        }
        if (isOld(left)) {
          TempFiles.delete(left);
        }
      }
    }
    return false;
  }

  /// @return false when somebody else was faster
  private boolean move(Path left) throws IOException {
    try {
      Files.move(left, folder, StandardCopyOption.ATOMIC_MOVE);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private Path name(long owner) {
    return home.resolve(
        "%s%d-%s-%x".formatted(PREFIX, owner, image, ThreadLocalRandom.current().nextLong()));
  }

  private static boolean isAbandoned(Path folder) {
    String[] words = String.valueOf(folder.getFileName()).split("-", -1);
    return words.length == 4
        && words[1].matches("\\d{1,9}")
        && ProcessHandle.of(Long.parseLong(words[1])).isEmpty();
  }

  private static boolean isOld(Path folder) throws IOException {
    try {
      return Files.getLastModifiedTime(folder).toInstant().isBefore(Instant.now().minus(LIFE));
    } catch (NoSuchFileException e) {
      return false;
    }
  }
}
