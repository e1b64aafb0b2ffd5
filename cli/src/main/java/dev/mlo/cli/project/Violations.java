package dev.mlo.cli.project;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Collects what is wrong, so that all of it is told at once.
final class Violations {
  private static final Pattern UNSEEN =
      Pattern.compile("[\\p{Cntrl}\\u0080-\\u009f\\u2028\\u2029\\p{Cf}\\p{Cs}]");

  private final String file;
  private final List<Violation> found = new ArrayList<>();

  Violations(String file) {
    this.file = file;
  }

  void add(Yaml.Place at, String message) {
    add(at, message, null);
  }

  void add(Yaml.Place at, String message, @Nullable String suggestion) {
    found.add(new Violation(file, at.line(), at.column(), visible(message), suggestion));
  }

  /// What a manifest says must not drive the terminal it is shown on, or hide in a line.
  private static String visible(String message) {
    return UNSEEN
        .matcher(message)
        .replaceAll(unseen -> "\\\\u%04x".formatted(unseen.group().codePointAt(0)));
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
