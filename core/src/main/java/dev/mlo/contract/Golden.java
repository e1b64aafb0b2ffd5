package dev.mlo.contract;

import java.util.List;

/// Compares an answer with the one a golden example expects.
public final class Golden {
  private Golden() {}

  /// Every way in which `actual` is not the expected answer, as sentences; empty when it is. Only
  /// the outputs named in `expected` count. Numbers agree when they differ by at most `tolerance ×
  /// max(1, |expected|)`; integers, booleans and strings must be equal; NaN agrees with NaN only.
  public static List<String> differences(
      List<Tensor> expected, List<Tensor> actual, double tolerance) {
    throw new UnsupportedOperationException();
  }
}
