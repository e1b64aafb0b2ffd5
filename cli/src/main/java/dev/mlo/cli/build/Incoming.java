package dev.mlo.cli.build;

import dev.mlo.oci.Digest;
import dev.mlo.oci.FileOwner;
import dev.mlo.oci.TempFiles;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The folder for an image that is fetched before it is known whether it will be used, on the disk
/// where it would go: `.fetch-OWNER-IMAGE-RANDOM`. It is gone when it is closed, unless it is to be
/// kept. What was kept, and what a killed process left, is gone on with by the next one that
/// fetches the same image.
final class Incoming implements AutoCloseable {
  private static final String PREFIX = ".fetch-";

  /// The owner of what was kept.
  private static final String NOBODY = "nobody";

  private static final Pattern NAME =
      Pattern.compile(
          "\\.fetch-(%s|%s)-([0-9a-f]+)-[0-9a-f]+".formatted(NOBODY, FileOwner.PATTERN));

  /// How long what was left is worth keeping.
  private static final Duration LIFE = Duration.ofHours(24);

  private final Path home;
  private final String image;
  private Path folder;
  private boolean kept;

  private Incoming(Path home, String image) {
    this.home = home;
    this.image = image;
    this.folder = name(FileOwner.me().toString());
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
        Matcher name = NAME.matcher(String.valueOf(left.getFileName()));
        if (!name.matches() || !isAbandoned(name.group(1), left)) {
          continue;
        }
        if (name.group(2).equals(image) && move(left)) {
          return true;
        }
        if (isOld(left)) {
          TempFiles.delete(left);
        }
      }
    }
    return false;
  }

  /// Touched first: what is older than its owner was left by another process of the same number.
  ///
  /// @return false when somebody else was faster
  private boolean move(Path left) throws IOException {
    try {
      Files.setLastModifiedTime(left, FileTime.from(Instant.now()));
      Files.move(left, folder, StandardCopyOption.ATOMIC_MOVE);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private Path name(String owner) {
    return home.resolve(
        "%s%s-%s-%x".formatted(PREFIX, owner, image, ThreadLocalRandom.current().nextLong()));
  }

  private static boolean isAbandoned(String owner, Path folder) throws IOException {
    return owner.equals(NOBODY) || FileOwner.parse(owner).orElseThrow().hasLeft(folder);
  }

  private static boolean isOld(Path folder) throws IOException {
    try {
      return Files.getLastModifiedTime(folder).toInstant().isBefore(Instant.now().minus(LIFE));
    } catch (NoSuchFileException e) {
      return false;
    }
  }
}
