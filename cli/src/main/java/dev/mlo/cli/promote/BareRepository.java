package dev.mlo.cli.promote;

import dev.mlo.oci.TempFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

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
    TempFiles temporaries = new TempFiles(parent);
    temporaries.sweep();
    Path made = temporaries.fresh();
    try {
      for (String folder : List.of("objects/info", "objects/pack", "refs/heads", "refs/tags")) {
        Files.createDirectories(made.resolve(folder));
      }
      write(made.resolve("config"), CONFIG);
      write(made.resolve("HEAD"), "ref: " + head + "\n");
      moveInto(made, directory);
    } finally {
      TempFiles.delete(made);
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
}
