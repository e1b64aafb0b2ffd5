package dev.mlo.backend.pmml;

import org.pmml4s.data.DataVal;
import org.pmml4s.data.DataVal$;
import org.pmml4s.transformations.Function;
import scala.collection.immutable.Seq;

/// The function `round` for all numbers. The engine's takes none beyond the largest whole number of
/// 64 bits, and gives that instead.
record Rounding() implements Function {
  static final String SYMBOL = "round";

  /// From here on every number is whole.
  private static final double WHOLE = 0x1p52;

  @Override
  public String symbol() {
    return SYMBOL;
  }

  @Override
  public DataVal apply(Seq<DataVal> arguments) {
    if (arguments.length() != 1) {
      throw new IllegalArgumentException("round takes one argument, and not " + arguments.length());
    }
    double value = arguments.head().toDouble();
    return DataVal$.MODULE$.from(Math.abs(value) < WHOLE ? (double) Math.round(value) : value);
  }
}
