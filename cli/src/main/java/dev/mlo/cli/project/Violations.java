package dev.mlo.cli.project;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Collects what is wrong, so that all of it is told at once.
final class Violations {
  private final String file;
  private final List<Violation> found = new ArrayList<>();

  Violations(String file) {
    this.file = file;
  }

  void add(Yaml.Place at, String message) {
    add(at, message, null);
  }

  void add(Yaml.Place at, String message, @Nullable String suggestion) {
    found.add(new Violation(file, at.line(), at.column(), message, suggestion));
  }

  boolean isEmpty() {
    return found.isEmpty();
  }

  /// In the order of their places.
  List<Violation> sorted() {
    return found.stream()
        .sorted(Comparator.comparingInt(Violation::line).thenComparingInt(Violation::column))
        .toList();
  }
}
