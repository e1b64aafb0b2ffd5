package dev.mlo.cli.project;

import java.nio.file.Path;
import java.util.List;

/// What became of another tool's file when a project was made of it.
///
/// @param tool whose file it is, as people call it; empty: there was none
/// @param carried the keys whose values are in the manifest now, in the order of the file
public record Migration(String tool, Path file, List<String> carried, List<Left> left) {
  public Migration {
    carried = List.copyOf(carried);
    left = List.copyOf(left);
  }

  /// @param what the other tool's key, or the file
  /// @param why it is not in the manifest, and what to do instead
  public record Left(String what, String why) {}

  /// Whether there was another tool's file at all.
  public boolean happened() {
    return !tool.isEmpty();
  }
}
