package dev.mlo.pmml.document;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The branches of trees that say what to do where a value is missing. By the standard the first
/// branch whose condition is unknown decides that the strategy is followed; the engine looks at the
/// branches behind it first, and takes one that is true.
final class Branches {
  /// The others are to go on, as the engine does, or are refused whatever the branches are.
  private static final Set<String> STOPPING =
      Set.of("lastPrediction", "nullPrediction", "defaultChild");

  /// When a condition is unknown.
  private sealed interface Unknown {
    /// Never; it may be true whatever is missing.
    record Never() implements Unknown {}

    /// Never; it is not true either.
    record False() implements Unknown {}

    /// If all of these fields are missing.
    record Without(Set<String> fields) implements Unknown {}

    /// It depends on values as well.
    record Sometimes() implements Unknown {}
  }

  /// A node or a condition made of others, which is being read.
  private static final class Open {
    private final int depth;

    /// Of a condition, how it is made; `null`: a node.
    private final @Nullable String operator;

    /// The fields of a condition, as long as it is unknown only without them.
    private final Set<String> fields = new TreeSet<>();

    private boolean mixed;
    private boolean known;
    private @Nullable Unknown condition;

    /// Of a node's branches, the first that may be unknown.
    private @Nullable Unknown branch;

    Open(int depth, @Nullable String operator) {
      this.depth = depth;
      this.operator = operator;
    }

    /// A condition inside this one, or that of this node.
    void take(Unknown inner) {
      if (operator == null) {
        condition = condition == null ? inner : condition;
        return;
      }
      switch (inner) {
        case Unknown.Never _, Unknown.False _ -> known = true;
        case Unknown.Without(Set<String> some) -> {
          mixed |= !operator.equals("surrogate") && !fields.isEmpty() && !fields.equals(some);
          fields.addAll(some);
        }
        case Unknown.Sometimes _ -> mixed = true;
      }
    }

    Unknown unknown() {
      if (operator == null) {
        return condition == null ? new Unknown.Never() : condition;
      }
      if (operator.equals("surrogate") && known) {
        return new Unknown.Never();
      }
      return mixed || known || fields.isEmpty()
          ? new Unknown.Sometimes()
          : new Unknown.Without(Set.copyOf(fields));
    }

    /// @return whether the engine may take it where an earlier one is unknown
    boolean branch(Unknown next) {
      @Nullable Unknown before = branch;
      if (before == null) {
        branch = next instanceof Unknown.Never || next instanceof Unknown.False ? null : next;
        return false;
      }
      return !(next instanceof Unknown.False)
          && !(next instanceof Unknown.Without && next.equals(before));
    }
  }

  private final Deque<Open> open = new ArrayDeque<>();
  private final Set<String> found = new LinkedHashSet<>();
  private String strategy = "";

  void see(String element, Elements in) {
    close(in.depth());
    switch (element) {
      case "TreeModel" -> strategy = in.attribute("missingValueStrategy", "none");
      case "Node" -> open.push(new Open(in.depth(), null));
      case "CompoundPredicate" ->
          open.push(new Open(in.depth(), in.attribute("booleanOperator", "")));
      case "SimplePredicate" -> {
        boolean looks = in.attribute("operator", "").endsWith("issing");
        take(looks ? new Unknown.Never() : without(in), in);
      }
      case "SimpleSetPredicate" -> take(without(in), in);
      case "True" -> take(new Unknown.Never(), in);
      case "False" -> take(new Unknown.False(), in);
      default -> {}
    }
  }

  private static Unknown without(Elements in) {
    return new Unknown.Without(Set.of(in.attribute("field", "")));
  }

  private void take(Unknown condition, Elements in) {
    @Nullable Open around = open.peek();
    if (around != null && around.depth == in.depth() - 1) {
      around.take(condition);
    }
  }

  private void close(int depth) {
    while (!open.isEmpty() && open.peek().depth >= depth) {
      Open done = open.pop();
      @Nullable Open around = open.peek();
      if (around == null || around.depth != done.depth - 1) {
        continue;
      }
      if (done.operator != null) {
        around.take(done.unknown());
      } else if (around.operator == null
          && around.branch(done.unknown())
          && STOPPING.contains(strategy)) {
        found.add(
            ("the engine does not heed missingValueStrategy=\"%s\" in a node whose branches ask"
                    + " for different fields, or whose last one is always true")
                .formatted(strategy));
      }
    }
  }

  /// What the engine would answer otherwise, when the whole document was seen.
  List<String> objections() {
    close(0);
    return List.copyOf(found);
  }
}
