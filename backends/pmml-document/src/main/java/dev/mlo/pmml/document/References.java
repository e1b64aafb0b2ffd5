package dev.mlo.pmml.document;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The fields that outputs are computed from. The engine computes outputs in their order, and fails
/// in every row on one that asks for another which is not there yet.
final class References {
  /// More than any model has; a bound on what a hostile one can make us keep.
  private static final int MAX = 100_000;

  private final Set<String> found = new LinkedHashSet<>();

  /// Of the `Output` that is read: what was named before it was there, and by which output.
  private final Map<String, String> early = new TreeMap<>();

  private final Set<String> before = new HashSet<>();

  /// What is there before any output.
  private final Set<String> inputs = new HashSet<>();

  private @Nullable String output;
  private int depth;

  void see(String element, Elements in) {
    if (output != null && in.depth() <= depth) {
      before.add(output);
      output = null;
    }
    switch (element) {
      case "Output" -> {
        early.clear();
        before.clear();
      }
      case "DataField", "DerivedField" -> {
        if (inputs.size() < MAX) {
          inputs.add(in.attribute("name", ""));
        }
      }
      case "OutputField" -> {
        output = in.attribute("name", "");
        depth = in.depth();
        @Nullable String first = early.get(output);
        if (first != null) {
          found.add(
              "output `%s` is computed from `%s`, which comes after it".formatted(first, output));
        }
      }
      default -> {
        @Nullable String field = in.attribute("field");
        boolean isThere = field == null || before.contains(field) || inputs.contains(field);
        if (output != null && !isThere && early.size() < MAX) {
          early.putIfAbsent(field, output);
        }
      }
    }
  }

  /// What the engine would fail on, when the whole document was seen.
  List<String> objections() {
    return List.copyOf(found);
  }
}
