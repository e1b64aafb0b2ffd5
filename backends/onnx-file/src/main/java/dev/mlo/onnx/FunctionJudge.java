package dev.mlo.onnx;

import dev.mlo.onnx.OnnxModel.Operator;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The engine puts the nodes of a model's own functions in the place of every call. Functions that
/// call each other in a circle, or double from step to step, would never be done with.
final class FunctionJudge {
  private static final int MAX_DEPTH = 100;
  private static final long MAX_NODES = 100_000;

  /// Stands for a function that is being looked at.
  private static final long OPEN = -1;

  private final Map<Operator, Map<Operator, Integer>> functions;

  /// How many nodes a function unfolds to.
  private final Map<Operator, Long> nodes = new HashMap<>();

  /// @param functions what each of them calls, and how often
  FunctionJudge(Map<Operator, Map<Operator, Integer>> functions) {
    this.functions = functions;
  }

  /// @param calls what the model's graph calls, and how often
  @Nullable String objection(Map<Operator, Integer> calls) {
    if (functions.isEmpty()) {
      return null;
    }
    try {
      if (unfolded(calls, 0) > MAX_NODES) {
        return "its functions unfold to more than a hundred thousand nodes";
      }
      return null;
    } catch (EndlessException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private long unfolded(Map<Operator, Integer> calls, int depth) throws EndlessException {
    long sum = 0;
    for (var call : calls.entrySet()) {
      // Every factor and every sum is far from overflowing.
      sum = Math.min(MAX_NODES + 1, sum + call.getValue() * nodes(call.getKey(), depth));
    }
    return sum;
  }

  private long nodes(Operator operator, int depth) throws EndlessException {
    Map<Operator, Integer> calls = functions.get(operator);
    if (calls == null) {
      return 1;
    }
    Long known = nodes.get(operator);
    if (known == null) {
      if (depth == MAX_DEPTH) {
        throw new EndlessException("its functions call each other deeper than " + MAX_DEPTH);
      }
      nodes.put(operator, OPEN);
      known = unfolded(calls, depth + 1);
      nodes.put(operator, known);
    }
    if (known == OPEN) {
      throw new EndlessException("its function `%s` calls itself".formatted(operator));
    }
    return known;
  }

  private static final class EndlessException extends Exception {
    EndlessException(String message) {
      super(message);
    }
  }
}
