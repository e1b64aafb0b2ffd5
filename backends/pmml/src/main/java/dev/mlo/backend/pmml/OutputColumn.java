package dev.mlo.backend.pmml;

import dev.mlo.backend.InferenceException;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorSpec;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.pmml4s.data.BoolVal;
import org.pmml4s.data.DataVal;
import org.pmml4s.data.DoubleVal;
import org.pmml4s.data.FloatVal;
import org.pmml4s.data.LongVal;
import org.pmml4s.data.StringVal;

/// An output as it grows, a value a row.
final class OutputColumn {
  private final TensorSpec spec;
  private final int rows;
  private final boolean optional;
  private final ByteBuffer numbers;
  private final List<byte[]> texts = new ArrayList<>();

  /// @param optional whether a row without a value is one whose text is empty
  OutputColumn(TensorSpec spec, int rows, boolean optional) {
    this.spec = spec;
    this.rows = rows;
    this.optional = optional;
    this.numbers =
        ByteBuffer.allocate(Math.multiplyExact(rows, spec.datatype().width()))
            .order(ByteOrder.LITTLE_ENDIAN);
  }

  TensorSpec spec() {
    return spec;
  }

  /// @param value `null` or missing: the model has no result. A number that is missing is NaN.
  void add(@Nullable DataVal value, int row) throws InferenceException {
    boolean missing = isMissing(value);
    switch (spec.datatype()) {
      case FP64 -> numbers.putDouble(missing ? Double.NaN : number(value, row));
      case FP32 -> numbers.putFloat(missing ? Float.NaN : (float) number(value, row));
      case INT64 -> numbers.putLong(whole(present(value, row), row));
      case BOOL -> numbers.put((byte) (truth(present(value, row), row) ? 1 : 0));
      case BYTES -> {
        String text = missing && optional ? "" : text(present(value, row));
        texts.add(text.getBytes(StandardCharsets.UTF_8));
      }
      default -> throw new IllegalStateException("no field has the type " + spec.datatype());
    }
  }

  Tensor tensor() {
    Shape shape = Shape.of(rows);
    return texts.isEmpty() && spec.datatype().width() > 0
        ? new Tensor.Numbers(spec.name(), spec.datatype(), shape, numbers.flip())
        : new Tensor.Strings(spec.name(), shape, texts);
  }

  /// The engine turns a missing value into the least of all whole numbers where it converts.
  private static boolean isMissing(@Nullable DataVal value) {
    return value == null
        || value.isMissing()
        || (value instanceof LongVal whole && whole.value() == Long.MIN_VALUE);
  }

  private DataVal present(@Nullable DataVal value, int row) throws InferenceException {
    if (value == null || isMissing(value)) {
      throw new InferenceException(
          "the model has no `%s` for row %d: a value of an input is missing, or is none it knows"
              .formatted(spec.name(), row),
          true);
    }
    return value;
  }

  private double number(@Nullable DataVal value, int row) throws InferenceException {
    return switch (value) {
      case DoubleVal number -> number.value();
      case LongVal number -> number.value();
      case FloatVal number -> number.value();
      case BoolVal truth -> truth.value() ? 1 : 0;
      case StringVal text -> {
        try {
          yield Double.parseDouble(text.value());
        } catch (NumberFormatException e) {
          throw unfit(text, row);
        }
      }
      case null, default -> throw unfit(value, row);
    };
  }

  private long whole(DataVal value, int row) throws InferenceException {
    if (value instanceof LongVal whole) {
      return whole.value();
    }
    double number = number(value, row);
    if (number != Math.rint(number) || Math.abs(number) > 1L << 53) {
      throw unfit(value, row);
    }
    return (long) number;
  }

  private boolean truth(DataVal value, int row) throws InferenceException {
    return switch (value) {
      case BoolVal truth -> truth.value();
      case StringVal text -> Boolean.parseBoolean(text.value());
      default -> whole(value, row) != 0;
    };
  }

  private static String text(DataVal value) {
    return switch (value) {
      case DoubleVal number when Double.isFinite(number.value()) ->
          new BigDecimal(Double.toString(number.value())).stripTrailingZeros().toPlainString();
      case DoubleVal number -> Double.toString(number.value());
      default -> value.toString();
    };
  }

  private InferenceException unfit(@Nullable DataVal value, int row) {
    return new InferenceException(
        "the model gave `%s` for `%s` in row %d, which is no %s"
            .formatted(value, spec.name(), row, spec.datatype()),
        false);
  }
}
