package dev.mlo.cli.build;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.nio.file.Path;

/// A file that goes into the image, as it was when it was looked at.
///
/// @param name its place below `/models`
record SourceFile(String name, Path path, FileStamp stamp) {
  /// From this size on a file is a layer of its own, so that versions with the same file share it.
  static final long LARGE = 64L << 20;

  boolean isLarge() {
    return stamp.size() >= LARGE;
  }

  /// @throws Failure CONFLICT when somebody wrote to the file meanwhile
  void requireUnchanged() throws IOException {
    if (!stamp.equals(FileStamp.of(path))) {
      throw changed();
    }
  }

  Failure changed() {
    return Failure.of(ExitCode.CONFLICT, "`%s` changed while it was read".formatted(path))
        .why("what would have been packaged is neither the old file nor the new one")
        .hint("wait until it is complete, then run: mlo build");
  }
}
