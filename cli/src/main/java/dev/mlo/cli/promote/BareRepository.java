package dev.mlo.cli.promote;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/// Makes an empty bare repository (`gitrepository-layout(5)`): four names. JGit would make it in
/// place, step by step, and start a shell to ask for the umask.
final class BareRepository {
  private static final String CONFIG =
      """
      [core]
      \trepositoryformatversion = 0
      \tfilemode = true
      \tbare = true
      """;

  private BareRepository() {}

  /// When somebody else makes it at the same time, theirs stays.
  static void create(Path directory, String head) throws IOException {
    Path parent = directory.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IOException("`" + directory + "` cannot hold a git repository");
    }
    Files.createDirectories(parent);
    Path made = parent.resolve(".ledger-" + UUID.randomUUID());
    try {
      for (String folder : List.of("objects/info", "objects/pack", "refs/heads", "refs/tags")) {
        Files.createDirectories(made.resolve(folder));
      }
      write(made.resolve("config"), CONFIG);
      write(made.resolve("HEAD"), "ref: " + head + "\n");
      moveInto(made, directory);
    } finally {
      remove(made);
    }
  }

  private static void moveInto(Path made, Path directory) throws IOException {
    try {
      Files.move(made, directory, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (!Files.isRegularFile(directory.resolve("HEAD"))) {
        throw e;
      }
    }
  }

  private static void write(Path file, String text) throws IOException {
    Files.writeString(file, text);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  private static void remove(Path directory) throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (NoSuchFileException e) {
      // Moved to its place, as it should be.
    }
  }
}
