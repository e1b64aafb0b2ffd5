package dev.mlo.cli.project;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.PatternSyntaxException;

/// The patterns below `model.exclude`. A pattern matches a path relative to the model's folder;
/// `**/` at its start also stands for no folder at all, as in git.
public final class Excluded {
  private final List<PathMatcher> matchers = new ArrayList<>();

  public Excluded(List<String> patterns) {
    for (String pattern : patterns) {
      add(pattern);
      if (pattern.startsWith("**/")) {
        add(pattern.substring(3));
      }
    }
  }

  private void add(String pattern) {
    try {
      String glob = pattern.endsWith("/") ? pattern.substring(0, pattern.length() - 1) : pattern;
      matchers.add(FileSystems.getDefault().getPathMatcher("glob:" + glob));
    } catch (PatternSyntaxException e) {
      throw Failure.of(
              ExitCode.MANIFEST, "`%s` below `model.exclude` is no pattern".formatted(pattern))
          .why(e.getDescription())
          .cause(e);
    }
  }

  /// @param relative to the model's directory
  public boolean matches(Path relative) {
    return matchers.stream().anyMatch(matcher -> matcher.matches(relative));
  }
}
