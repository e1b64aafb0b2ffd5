package dev.mlo.onnx;

import dev.mlo.onnx.OnnxModel.Operator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Decides whether the engine has what the nodes of a model ask for.
final class OperatorJudge {
  private static final int MAX_SHOWN = 10;

  private final OnnxModel model;

  OperatorJudge(OnnxModel model) {
    this.model = model;
  }

  /// Why it has not; empty when it has.
  List<String> objections() {
    var missing = new ArrayList<String>();
    model.operators.forEach((operator, use) -> {
      String objection = objection(operator, use);
      if (objection != null) {
        missing.add(objection);
      }
    });
    var shown = new ArrayList<>(missing.stream().limit(MAX_SHOWN).toList());
    if (missing.size() > MAX_SHOWN) {
      shown.add("and %d more operators".formatted(missing.size() - MAX_SHOWN));
    }
    String functions = new FunctionJudge(model.functions).objection(model.calls);
    if (functions != null) {
      shown.add(functions);
    }
    return shown;
  }

  private @Nullable String objection(Operator operator, OnnxModel.Use use) {
    if (model.functions.containsKey(operator)) {
      return null;
    }
    Operators.Span span = Operators.find(operator.domain(), operator.type());
    if (span == null) {
      return "the engine has no operator " + OnnxModel.shown(operator, use.node());
    }
    // The engine takes its newest set of a domain that the model does not name.
    long newest = OnnxSupport.OPERATOR_SETS.getOrDefault(operator.domain(), 0L);
    long asked = model.ownOperatorSets.getOrDefault(operator.domain(), newest);
    if (use.inFunctionsOnly() || !OnnxSupport.has(operator.domain(), asked) || span.has(asked)) {
      return null;
    }
    return asked < span.first()
        ? "%s came with operator set %d and the model asks for %d"
            .formatted(OnnxModel.shown(operator, use.node()), span.first(), asked)
        : "%s ended with operator set %d and the model asks for %d"
            .formatted(OnnxModel.shown(operator, use.node()), span.last(), asked);
  }
}
