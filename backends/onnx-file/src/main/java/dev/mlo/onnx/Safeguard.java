package dev.mlo.onnx;

import dev.mlo.onnx.NodeFields.Place;
import java.util.List;

/// A node of an operator whose processor instruction or memory access fails for some values, and
/// with it the whole process: whole numbers of which the least is divided by -1 (`Div`, `Mod`), and
/// the number of a diagonal near the least number (`Trilu`). The engine gets the node with other
/// inputs, which are the same but for those values, and computes what arithmetic of that width
/// gives: the least number divided by -1 is itself.
///
/// @param inFunction functions have operator sets of their own
record Safeguard(NodeFields node, Scope scope, boolean inFunction) {
  /// The engine bears every diagonal but the last two; no matrix has this many.
  private static final long MIN_DIAGONAL = -(1L << 62);

  /// The first operator set in which `Equal` compares floating-point numbers.
  private static final long ANY_TYPE = 11;

  static boolean isFor(String operator) {
    return operator.equals("Div") || operator.equals("Mod") || operator.equals("Trilu");
  }

  /// What is changed in the file; nothing when no value can do harm.
  ///
  /// @param operatorSet of ONNX itself
  List<Patch.Edit> edits(long operatorSet) {
    if (node.inputs().size() != 2
        || node.places().size() != 2
        || !node.operator().domain().equals(OnnxSupport.MAIN)) {
      return List.of();
    }
    String second = node.inputs().getLast();
    Elements divisor = scope.elements(second);
    if (node.operator().type().equals("Trilu")) {
      return divisor.least() >= MIN_DIAGONAL ? List.of() : diagonal(second);
    }
    Elements dividend = scope.elements(node.inputs().getFirst());
    boolean harmless = !dividend.mayBeWhole() || !divisor.mayBeWhole() || divisor.least() >= 0;
    return harmless ? List.of() : division(operatorSet, Math.max(dividend.type(), divisor.type()));
  }

  private List<Patch.Edit> diagonal(String number) {
    var nodes = new NodeWriter(node.place());
    String least = nodes.whole(MIN_DIAGONAL);
    return changes(nodes, node.inputs().getFirst(), nodes.add("Max", number, least));
  }

  /// Where the divisor is -1 it becomes 1, and the dividend of `Div` changes its sign.
  private List<Patch.Edit> division(long operatorSet, int type) {
    String dividend = node.inputs().getFirst();
    String divisor = node.inputs().getLast();
    var nodes = new NodeWriter(node.place());
    Choice choice;
    if (operatorSet >= ANY_TYPE) {
      String minusOne = nodes.add("Equal", nodes.cast(divisor, Elements.DOUBLE), nodes.real(-1));
      choice = (yes, no) -> nodes.add("Where", minusOne, yes, no);
    } else if (type == Elements.UNKNOWN) {
      return List.of();
    } else {
      String minusOne =
          nodes.cast(
              nodes.add("Equal", nodes.cast(divisor, Elements.INT64), nodes.whole(-1)), type);
      choice =
          (yes, no) -> nodes.add("Add", no, nodes.add("Mul", minusOne, nodes.add("Sub", yes, no)));
    }
    String positive = choice.of(nodes.add("Abs", divisor), divisor);
    return node.operator().type().equals("Mod")
        ? changes(nodes, dividend, positive)
        : changes(nodes, choice.of(nodes.add("Mul", dividend, divisor), dividend), positive);
  }

  /// One value or the other, element by element.
  @FunctionalInterface
  private interface Choice {
    String of(String yes, String no);
  }

  private List<Patch.Edit> changes(NodeWriter nodes, String first, String second) {
    List<Patch.Message> around = node.around();
    return List.of(
        new Patch.Edit(around.subList(0, around.size() - 1), node.place().start(), 0, nodes.all()),
        input(node.places().getFirst(), first),
        input(node.places().getLast(), second));
  }

  private Patch.Edit input(Place place, String name) {
    return new Patch.Edit(
        node.around(), place.start(), place.end() - place.start(), new WireWriter().text(1, name));
  }
}
