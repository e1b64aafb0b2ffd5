package dev.mlo.onnx;

/// Inputs of a model that reach, as they are, an operator whose processor instruction or memory
/// access fails for some values, and with it the whole process.
public sealed interface Hazard {
  /// Whole numbers: the least one divided by -1 is beyond the datatype. The processor stops at it.
  record Division(String dividend, String divisor) implements Hazard {}

  /// `Trilu`: the number of a diagonal. Near the least number it overflows to an address.
  record Diagonal(String number) implements Hazard {}
}
