package dev.mlo.cli.project;

import dev.mlo.cli.project.Yaml.Scalar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// The files a manifest names: there, readable, and inside the project when links are followed.
final class ProjectFiles {
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
    violations.add(written.at(), "`%s`: `%s` %s".formatted(key, written.text(), fault));
    return null;
  }

  private @Nullable String fault(Path path, boolean directoryToo) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return "does not exist";
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
