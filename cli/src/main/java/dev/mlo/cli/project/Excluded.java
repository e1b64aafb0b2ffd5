package dev.mlo.cli.project;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.PatternSyntaxException;

/// What is left out of a model: by the patterns below `model.exclude`, and by the project's
/// [IgnoreFile]. A pattern of the first kind matches a path relative to the model's folder; `**/`
/// at its start also stands for no folder at all, as in git.
public final class Excluded {
  /// What operating systems and interpreters leave in folders.
  private static final Set<String> LITTER = Set.of("__pycache__", "Thumbs.db", "desktop.ini");

  private final List<PathMatcher> matchers = new ArrayList<>();
  private final Path base;
  private final IgnoreFile ignore;

  /// @param base the model's directory, or the one its file lies in; absolute
  Excluded(List<String> patterns, Path base, IgnoreFile ignore) {
    this.base = base;
    this.ignore = ignore;
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

  /// Whether it never belongs to a model: names that begin with a dot (`.git`, `.DS_Store`), and
  /// litter.
  public static boolean isNever(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.startsWith(".") || LITTER.contains(name);
  }

  /// @param file absolute, below the model's directory
  public boolean matches(Path file, boolean directory) {
    Path relative = base.relativize(file);
    return matchers.stream().anyMatch(matcher -> matcher.matches(relative))
        || ignored(file, directory);
  }

  /// Whether the ignore file alone leaves it out.
  ///
  /// @param file absolute, below the project
  public boolean ignored(Path file, boolean directory) {
    return ignore.matches(file, directory);
  }
}
