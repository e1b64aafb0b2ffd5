package dev.mlo.backend.pmml;

import dev.mlo.backend.InferenceException;
import dev.mlo.contract.Tensor;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.pmml4s.data.DataVal;
import org.pmml4s.data.DataVal$;
import org.pmml4s.data.DoubleVal;
import org.pmml4s.data.LongVal;
import org.pmml4s.data.NullVal$;
import org.pmml4s.data.StringVal;

/// The inputs of one inference as a table: a column a tensor.
///
/// @param rows how many values each column has
record Columns(List<Tensor> tensors, int rows) {
  /// @param tensors in the order of the engine's fields
  /// @throws InferenceException when they are not equally long
  static Columns of(List<Tensor> tensors) throws InferenceException {
    Tensor first = tensors.getFirst();
    for (Tensor tensor : tensors) {
      if (tensor.shape().elements() != first.shape().elements()) {
        throw new InferenceException(
            "input `%s` has %d values, input `%s` has %d: each has one a row"
                .formatted(
                    tensor.name(),
                    tensor.shape().elements(),
                    first.name(),
                    first.shape().elements()),
            true);
      }
    }
    return new Columns(tensors, Math.toIntExact(first.shape().elements()));
  }

  /// @param width how many fields the engine has: true answers for residuals come after the inputs,
  ///   and nobody has them
  DataVal[] row(int row, int width) throws InferenceException {
    var values = new DataVal[width];
    Arrays.fill(values, NullVal$.MODULE$);
    for (int i = 0; i < tensors.size(); i++) {
      values[i] = value(tensors.get(i), row);
    }
    return values;
  }

  private static DataVal value(Tensor tensor, int row) throws InferenceException {
    return switch (tensor) {
      case Tensor.Strings strings -> text(strings, row);
      case Tensor.Numbers numbers -> {
        ByteBuffer data = numbers.data();
        yield switch (numbers.datatype()) {
          case FP64 -> number(data.getDouble(row * Double.BYTES));
          case FP32 -> number(data.getFloat(row * Float.BYTES));
          case INT64 -> new LongVal(data.getLong(row * Long.BYTES));
          case BOOL -> DataVal$.MODULE$.from((Object) (data.get(row) != 0));
          default -> throw new IllegalStateException("no field has the type " + numbers.datatype());
        };
      }
    };
  }

  private static DataVal number(double value) {
    return Double.isNaN(value) ? NullVal$.MODULE$ : new DoubleVal(value);
  }

  private static DataVal text(Tensor.Strings tensor, int row) throws InferenceException {
    byte[] bytes = tensor.elements().get(row);
    if (bytes.length == 0) {
      return NullVal$.MODULE$;
    }
    try {
      return new StringVal(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      throw new InferenceException(
          "input `%s`: element %d is not UTF-8 text".formatted(tensor.name(), row), true, e);
    }
  }
}
