package dev.mlo.cli.project;

import org.jspecify.annotations.Nullable;

/// One thing that is wrong in a manifest.
///
/// @param file the manifest's name
/// @param line from 1
/// @param column from 1, in characters
/// @param message what was found and what was expected
/// @param suggestion what was probably meant; `null`: no idea
public record Violation(
    String file, int line, int column, String message, @Nullable String suggestion) {
  @Override
  public String toString() {
    return "%s:%d:%d: %s%s"
        .formatted(
            file,
            line,
            column,
            message,
            suggestion == null ? "" : "; did you mean `" + suggestion + "`?");
  }
}
