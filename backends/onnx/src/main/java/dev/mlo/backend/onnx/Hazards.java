package dev.mlo.backend.onnx;

import dev.mlo.backend.InferenceException;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Tensor;
import dev.mlo.onnx.Hazard;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.LongPredicate;

/// Keeps values from the engine that would end the process.
final class Hazards {
  /// The engine bears every diagonal but the last two; no matrix has this many.
  private static final long MIN_DIAGONAL = -(1L << 62);

  private Hazards() {}

  /// @throws InferenceException by the client's fault
  static void check(List<Hazard> hazards, List<Tensor> inputs) throws InferenceException {
    for (Hazard hazard : hazards) {
      switch (hazard) {
        case Hazard.Division(String dividend, String divisor) ->
            checkDivision(numbers(inputs, dividend), numbers(inputs, divisor));
        case Hazard.Diagonal(String number) -> {
          if (has(numbers(inputs, number), k -> k < MIN_DIAGONAL)) {
            throw new InferenceException(
                "input `%s` is the number of a diagonal, and no matrix has so many"
                    .formatted(number),
                true);
          }
        }
      }
    }
  }

  private static void checkDivision(Tensor.Numbers dividend, Tensor.Numbers divisor)
      throws InferenceException {
    long least = divisor.datatype() == DataType.INT32 ? Integer.MIN_VALUE : Long.MIN_VALUE;
    if (has(divisor, value -> value == -1) && has(dividend, value -> value == least)) {
      throw new InferenceException(
          "input `%s` has %d and input `%s` has -1: the quotient is no %s"
              .formatted(dividend.name(), least, divisor.name(), divisor.datatype()),
          true);
    }
  }

  private static Tensor.Numbers numbers(List<Tensor> inputs, String name) {
    return inputs.stream()
        .filter(tensor -> tensor.name().equals(name))
        .map(Tensor.Numbers.class::cast)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("input `" + name + "` is missing"));
  }

  private static boolean has(Tensor.Numbers tensor, LongPredicate predicate) {
    ByteBuffer data = tensor.data();
    boolean isShort = tensor.datatype() == DataType.INT32;
    while (data.hasRemaining()) {
      if (predicate.test(isShort ? data.getInt() : data.getLong())) {
        return true;
      }
    }
    return false;
  }
}
