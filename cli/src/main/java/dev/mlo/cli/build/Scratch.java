package dev.mlo.cli.build;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/// A folder for what is fetched before it is known whether it will be used, on the disk where it
/// would go. Gone when it is closed; those of processes that were killed go with the next one.
record Scratch(Path folder) implements AutoCloseable {
  private static final String PREFIX = ".fetch-";

  static Scratch in(Path home) throws IOException {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(home, PREFIX + "*")) {
      for (Path folder : left) {
        if (isAbandoned(folder)) {
          new Scratch(folder).close();
        }
      }
    }
    return new Scratch(
        Files.createTempDirectory(home, PREFIX + ProcessHandle.current().pid() + "-"));
  }

  private static boolean isAbandoned(Path folder) {
    String pid = String.valueOf(folder.getFileName()).substring(PREFIX.length()).split("-", 2)[0];
    return pid.matches("\\d{1,9}") && ProcessHandle.of(Long.parseLong(pid)).isEmpty();
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
