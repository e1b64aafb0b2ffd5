package dev.mlo.pmml.document;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The functions that compare values. To the engine a whole number is never the same as one that
/// could have a fraction or as text, so 1 is not 1.0; the standard compares numbers.
final class Comparisons {
  private static final Set<String> SAME = Set.of("equal", "notEqual", "isIn", "isNotIn");

  /// Functions that ask which of two values comes first. The engine makes numbers of both.
  private static final Set<String> ORDER =
      Set.of("lessThan", "lessOrEqual", "greaterThan", "greaterOrEqual");

  /// Functions whose result the engine keeps as a number that could have a fraction.
  private static final Set<String> ARITHMETIC = Set.of("+", "-", "*", "/");

  /// More than any document has; a bound on what a hostile one can make us keep.
  private static final int MAX = 200_000;

  private enum Kind {
    WHOLE,
    REAL,
    TEXT,
    OTHER,
    UNKNOWN
  }

  private static final Set<Kind> COMPARED = EnumSet.of(Kind.WHOLE, Kind.REAL, Kind.TEXT);

  /// @param depth of the element that holds the operands
  /// @param fields the operands that are fields, of which the type may be told later
  private record Comparison(String function, int depth, Set<Kind> kinds, List<String> fields) {}

  private final Deque<Comparison> open = new ArrayDeque<>();
  private final List<Comparison> closed = new ArrayList<>();
  private final Map<String, Kind> fields = new HashMap<>();
  private boolean tooMany;

  void see(String element, Elements in) {
    close(in.depth());
    Comparison inside = open.peek();
    if (inside != null && inside.depth == in.depth() - 1) {
      operand(inside, element, in);
    }
    switch (element) {
      case "DataField", "DerivedField", "OutputField", "ParameterField" ->
          field(in.attribute("name", ""), kind(in.attribute("dataType")));
      case "Apply" -> {
        String function = in.attribute("function", "");
        if (SAME.contains(function) || ORDER.contains(function)) {
          open.push(
              new Comparison(function, in.depth(), EnumSet.noneOf(Kind.class), new ArrayList<>()));
        }
      }
      default -> {}
    }
  }

  /// Two fields of one name in different places: nobody knows which is meant.
  private void field(String name, Kind kind) {
    tooMany |= fields.size() >= MAX;
    if (!tooMany) {
      fields.merge(name, kind, (one, other) -> one == other ? one : Kind.UNKNOWN);
    }
  }

  private static void operand(Comparison inside, String element, Elements in) {
    switch (element) {
      case "FieldRef" -> inside.fields.add(in.attribute("field", ""));
      // One that does not say what it is is text to the engine, whatever its digits.
      case "Constant" -> inside.kinds.add(kind(in.attribute("dataType", "string")));
      case "Apply" ->
          inside.kinds.add(
              ARITHMETIC.contains(in.attribute("function", "")) ? Kind.REAL : Kind.UNKNOWN);
      default -> inside.kinds.add(Kind.UNKNOWN);
    }
  }

  private static Kind kind(@Nullable String type) {
    return switch (type == null ? "" : type) {
      case "integer" -> Kind.WHOLE;
      case "double", "float", "real" -> Kind.REAL;
      case "string" -> Kind.TEXT;
      case "" -> Kind.UNKNOWN;
      default -> Kind.OTHER;
    };
  }

  private void close(int depth) {
    while (!open.isEmpty() && open.peek().depth >= depth) {
      Comparison done = open.pop();
      tooMany |= closed.size() >= MAX;
      if (!tooMany) {
        closed.add(done);
      }
    }
  }

  /// What the engine would answer otherwise, when the whole document was seen.
  List<String> objections() {
    close(0);
    var found = new ArrayList<String>();
    if (tooMany) {
      found.add("the document has more than %d fields, or compares values as often".formatted(MAX));
    }
    for (Comparison one : closed) {
      var kinds = EnumSet.noneOf(Kind.class);
      one.fields.forEach(field -> kinds.add(fields.getOrDefault(field, Kind.UNKNOWN)));
      if (ORDER.contains(one.function)) {
        if (kinds.contains(Kind.TEXT)) {
          found.add(
              "the engine tells the order of numbers only, and not of text as in %s(%s …)"
                  .formatted(one.function, String.join(", ", one.fields)));
        }
        continue;
      }
      kinds.addAll(one.kinds);
      kinds.retainAll(COMPARED);
      if (kinds.size() > 1) {
        found.add(
            "the engine takes values of two types for different in %s(%s …); give its Constant the"
                    .formatted(one.function, String.join(", ", one.fields))
                + " dataType of what it is compared with");
      }
    }
    return found;
  }
}
