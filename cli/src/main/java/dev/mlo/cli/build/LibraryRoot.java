package dev.mlo.cli.build;

import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// A root file system whose loader and libraries are to be used: this machine's, or that of a base
/// image.
interface LibraryRoot {
  /// A regular file by its absolute path in this root, links followed within it; as a file of this
  /// disk.
  Optional<Path> file(String path) throws IOException;

  /// Why this root cannot be used.
  Failure unusable(String why);

  /// A library is nowhere the loader looks.
  Failure lacks(String library, String user);
}
