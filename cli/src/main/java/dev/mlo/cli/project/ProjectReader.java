package dev.mlo.cli.project;

import java.nio.file.Path;

/// Reads `mlops.yaml`.
public final class ProjectReader {
  private ProjectReader() {}

  /// @param directory the project's directory, or the manifest itself
  /// @throws dev.mlo.cli.failure.Failure MANIFEST with every violation, each `file:line:column`
  public static Project read(Path directory) {
    throw new UnsupportedOperationException();
  }
}
