package dev.mlo.acceptance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// The example `iris` as a project of its own.
final class IrisProject {
  private IrisProject() {}

  /// Lays a version (`1.0.0`, `2.0.0` or `wrong`) into a directory, over the one that was there.
  static void lay(Path project, String version) throws IOException {
    Path from = Path.of(System.getProperty("mlo.root", "."), "examples", "iris", version);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path to = project.resolve(from.relativize(file).toString());
        Files.createDirectories(to.getParent());
        Files.write(to, Files.readAllBytes(file));
      }
    }
  }
}
