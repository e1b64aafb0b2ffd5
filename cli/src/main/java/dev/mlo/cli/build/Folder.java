package dev.mlo.cli.build;

import dev.mlo.oci.LayerWriter;
import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/// A folder of the installation as part of an image. Links are followed, and of each mode only one
/// bit counts, so that neither the umask nor the file system of the installation shows.
record Folder(Path root) {
  /// Every regular file, sorted.
  List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(root, FileVisitOption.FOLLOW_LINKS)) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /// @param place where the folder lies in the image
  /// @param wanted by the path relative to the folder
  void addTo(LayerWriter layer, String place, Predicate<String> wanted) throws IOException {
    for (Path file : files()) {
      String relative = root.relativize(file).toString();
      if (wanted.test(relative)) {
        int mode = ownerMayExecute(file) ? 0755 : 0644;
        layer.file(place + "/" + relative, mode, file, Files.size(file));
      }
    }
  }

  private static boolean ownerMayExecute(Path file) throws IOException {
    return ((int) Files.getAttribute(file, "unix:mode") & 0100) != 0;
  }
}
