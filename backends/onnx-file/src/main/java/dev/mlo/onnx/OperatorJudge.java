package dev.mlo.onnx;

import dev.mlo.contract.Printable;
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
      return "the engine has no operator " + shown(operator, use);
    }
    long asked = model.ownOperatorSets.getOrDefault(operator.domain(), 0L);
    if (use.inFunctionsOnly() || !OnnxSupport.has(operator.domain(), asked) || span.has(asked)) {
      return null;
    }
    return asked < span.first()
        ? "%s came with operator set %d and the model asks for %d"
            .formatted(shown(operator, use), span.first(), asked)
        : "%s ended with operator set %d and the model asks for %d"
            .formatted(shown(operator, use), span.last(), asked);
  }

  private static String shown(Operator operator, OnnxModel.Use use) {
    return use.node().isEmpty()
        ? "`" + operator + "`"
        : "`%s` (node `%s`)".formatted(operator, Printable.of(use.node()));
  }
}
