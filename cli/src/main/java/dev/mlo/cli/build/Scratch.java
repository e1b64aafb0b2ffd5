package dev.mlo.cli.build;

import dev.mlo.oci.TempFiles;
import java.io.IOException;
import java.nio.file.Path;

/// A folder that is gone when it is closed.
record Scratch(Path folder) implements AutoCloseable {
  @Override
  public void close() throws IOException {
    TempFiles.delete(folder);
  }
}
