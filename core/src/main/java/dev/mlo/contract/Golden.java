package dev.mlo.contract;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Compares an answer with the one a golden example expects.
public final class Golden {
  private Golden() {}

  /// Every way in which `actual` is not the expected answer, as sentences; empty when it is. Only
  /// the outputs named in `expected` count. Numbers agree when they differ by at most `tolerance ×
  /// max(1, |expected|)`; integers, booleans and strings must be equal; NaN agrees with NaN only.
  /// Of each output the first element that is wrong is named.
  public static List<String> differences(
      List<Tensor> expected, List<Tensor> actual, double tolerance) {
    var found = new ArrayList<String>();
    for (Tensor wanted : expected) {
      actual.stream()
          .filter(tensor -> tensor.name().equals(wanted.name()))
          .findFirst()
          .map(tensor -> difference(wanted, tensor, tolerance))
          .orElseGet(() -> Optional.of("output `" + wanted.name() + "` is missing"))
          .ifPresent(found::add);
    }
    return List.copyOf(found);
  }

  private static Optional<String> difference(Tensor expected, Tensor actual, double tolerance) {
    String output = "output `" + expected.name() + "`";
    if (expected.datatype() != actual.datatype()) {
      return Optional.of(
          "%s is %s, expected %s".formatted(output, actual.datatype(), expected.datatype()));
    }
    if (!expected.shape().equals(actual.shape())) {
      return Optional.of(
          "%s has shape %s, expected %s".formatted(output, actual.shape(), expected.shape()));
    }
    if (expected instanceof Tensor.Numbers wanted && actual instanceof Tensor.Numbers got) {
      return numbers(output, wanted, got, tolerance);
    }
    if (expected instanceof Tensor.Strings wanted && actual instanceof Tensor.Strings got) {
      return strings(output, wanted, got);
    }
    return Optional.of(output + " is of another kind");
  }

  private static Optional<String> strings(
      String output, Tensor.Strings expected, Tensor.Strings actual) {
    for (int i = 0; i < expected.elements().size(); i++) {
      byte[] wanted = expected.elements().get(i);
      byte[] got = actual.elements().get(i);
      if (!Arrays.equals(wanted, got)) {
        return Optional.of(
            "%s[%d] is \"%s\", expected \"%s\"".formatted(output, i, text(got), text(wanted)));
      }
    }
    return Optional.empty();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static Optional<String> numbers(
      String output, Tensor.Numbers expected, Tensor.Numbers actual, double tolerance) {
    DataType datatype = expected.datatype();
    ByteBuffer wanted = expected.data();
    ByteBuffer got = actual.data();
    boolean real =
        switch (datatype) {
          case FP16, FP32, FP64 -> true;
          case BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, BYTES -> false;
        };
    if (!real && wanted.equals(got)) {
      return Optional.empty();
    }
    for (int i = 0; wanted.hasRemaining(); i++) {
      Number w = next(datatype, wanted);
      Number g = next(datatype, got);
      boolean agrees = real ? agrees(w.doubleValue(), g.doubleValue(), tolerance) : w.equals(g);
      if (!agrees) {
        return Optional.of(
            real
                ? "%s[%d] is %s, expected %s within %s".formatted(output, i, g, w, tolerance)
                : "%s[%d] is %s, expected %s".formatted(output, i, g, w));
      }
    }
    return Optional.empty();
  }

  private static boolean agrees(double expected, double actual, double tolerance) {
    if (Double.isNaN(expected) || Double.isNaN(actual)) {
      return Double.isNaN(expected) && Double.isNaN(actual);
    }
    if (Double.isInfinite(expected) || Double.isInfinite(actual)) {
      return expected == actual;
    }
    return Math.abs(expected - actual) <= tolerance * Math.max(1, Math.abs(expected));
  }

  private static Number next(DataType datatype, ByteBuffer data) {
    return switch (datatype) {
      case BOOL, UINT8 -> data.get() & 0xff;
      case UINT16 -> data.getShort() & 0xffff;
      case UINT32 -> data.getInt() & 0xffffffffL;
      case UINT64 -> new BigInteger(Long.toUnsignedString(data.getLong()));
      case INT8 -> data.get();
      case INT16 -> data.getShort();
      case INT32 -> data.getInt();
      case INT64 -> data.getLong();
      case FP16 -> Float.float16ToFloat(data.getShort());
      case FP32 -> data.getFloat();
      case FP64 -> data.getDouble();
      case BYTES -> throw new IllegalStateException("BYTES are no numbers");
    };
  }
}
