package dev.mlo.cli.project;

import dev.mlo.cli.project.Yaml.Scalar;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The files a manifest names: there, readable, and inside the project when links are followed.
final class ProjectFiles {
  private static final String ABSENT = "does not exist";
  private static final int MAX_NEIGHBOURS = 1_000;

  private final Path root;
  private final Violations violations;

  /// @param root absolute and real
  ProjectFiles(Path root, Violations violations) {
    this.root = root;
    this.violations = violations;
  }

  /// `null`: it is not as it must be, and `violations` says why.
  @Nullable Path file(Scalar written, String key) {
    return find(written, key, false);
  }

  /// A file, or a directory other than the project's own.
  @Nullable Path fileOrDirectory(Scalar written, String key) {
    return find(written, key, true);
  }

  private @Nullable Path find(Scalar written, String key, boolean directoryToo) {
    String fault;
    try {
      Path path = root.resolve(written.text()).normalize();
      fault = fault(path, directoryToo);
      if (fault == null) {
        return path;
      }
    } catch (InvalidPathException e) {
      fault = "is no path";
    } catch (IOException e) {
      fault = "cannot be read: " + e.getMessage();
    }
    violations.add(
        written.at(),
        "`%s`: `%s` %s".formatted(key, written.text(), fault),
        fault.equals(ABSENT) ? alike(written.text()) : null);
    return null;
  }

  /// A neighbour with nearly that name.
  private @Nullable String alike(String written) {
    int end = written.lastIndexOf('/') + 1;
    Path folder = root.resolve(written.substring(0, end)).normalize();
    if (!folder.startsWith(root)) {
      return null;
    }
    try (Stream<Path> neighbours = Files.list(folder)) {
      List<String> names =
          neighbours
              .limit(MAX_NEIGHBOURS)
              .map(neighbour -> String.valueOf(neighbour.getFileName()))
              .filter(name -> !name.startsWith("."))
              .sorted()
              .toList();
      @Nullable String name = Spelling.nearest(written.substring(end), names);
      return name == null ? null : written.substring(0, end) + name;
    } catch (IOException | UncheckedIOException e) {
      return null;
    }
  }

  private @Nullable String fault(Path path, boolean directoryToo) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return ABSENT;
    }
    if (!Files.exists(path)) {
      return "is a link to something that does not exist";
    }
    Path real = path.toRealPath();
    if (!real.startsWith(root)) {
      return "leads out of the project through a link";
    }
    if (real.equals(root) || real.startsWith(Workspace.of(root).root())) {
      return "is the project's directory or mlo's own, expected a file or directory below it";
    }
    if (Files.isDirectory(real)) {
      return directoryToo ? null : "is a directory, expected a file";
    }
    if (!Files.isRegularFile(real)) {
      return "is a pipe, a socket or a device, expected a file";
    }
    return Files.isReadable(real) ? null : "may not be read: permission denied";
  }
}
