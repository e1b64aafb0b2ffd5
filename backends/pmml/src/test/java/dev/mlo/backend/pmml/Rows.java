package dev.mlo.backend.pmml;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.backend.InferenceException;
import dev.mlo.backend.ModelException;
import dev.mlo.backend.Session;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorSpec;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Tables in and out of a model, as one writes them: the tensors' types follow from the signature.
record Rows(Session session) implements AutoCloseable {
  /// A model of `src/test/resources/models`.
  static Rows of(String model) throws ModelException {
    URL file = Rows.class.getResource("/models/" + model + ".pmml");
    assertThat(file).isNotNull();
    try {
      return open(Path.of(file.toURI()));
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  static Rows open(Path file) throws ModelException {
    return new Rows(
        new PmmlBackend().open(file.resolveSibling(""), String.valueOf(file.getFileName()), 1));
  }

  /// @param rows values in the order of the inputs; `null`: missing
  /// @return by output, in the order of the signature: a value a row
  @SafeVarargs
  final Map<String, List<Object>> infer(List<@Nullable Object>... rows) throws InferenceException {
    var answers = new LinkedHashMap<String, List<Object>>();
    for (Tensor tensor : session.infer(tensors(rows), List.of())) {
      answers.put(tensor.name(), values(tensor));
    }
    return answers;
  }

  @SafeVarargs
  final List<Tensor> tensors(List<@Nullable Object>... rows) {
    var tensors = new ArrayList<Tensor>();
    for (TensorSpec spec : session.signature().inputs()) {
      int column = tensors.size();
      var values = new ArrayList<@Nullable Object>();
      for (List<@Nullable Object> row : rows) {
        values.add(row.get(column));
      }
      tensors.add(tensor(spec, values));
    }
    return tensors;
  }

  private static Tensor tensor(TensorSpec spec, List<@Nullable Object> values) {
    Shape shape = Shape.of(values.size());
    if (spec.datatype() == DataType.BYTES) {
      return Tensor.Strings.of(
          spec.name(), shape, values.stream().map(v -> v == null ? "" : v.toString()).toList());
    }
    ByteBuffer data =
        ByteBuffer.allocate(values.size() * spec.datatype().width()).order(ByteOrder.LITTLE_ENDIAN);
    for (Object value : values) {
      double number = value instanceof Number given ? given.doubleValue() : Double.NaN;
      switch (spec.datatype()) {
        case FP64 -> data.putDouble(number);
        case FP32 -> data.putFloat((float) number);
        case INT64 -> data.putLong((long) number);
        default -> data.put((byte) (Boolean.TRUE.equals(value) ? 1 : 0));
      }
    }
    return new Tensor.Numbers(spec.name(), spec.datatype(), shape, data.flip());
  }

  private static List<Object> values(Tensor tensor) {
    var values = new ArrayList<Object>();
    for (int i = 0; i < tensor.shape().elements(); i++) {
      values.add(
          switch (tensor) {
            case Tensor.Strings text -> new String(text.elements().get(i), StandardCharsets.UTF_8);
            case Tensor.Numbers numbers -> number(numbers, i);
          });
    }
    return values;
  }

  private static Object number(Tensor.Numbers tensor, int index) {
    ByteBuffer data = tensor.data();
    return switch (tensor.datatype()) {
      case FP64 -> data.getDouble(8 * index);
      case FP32 -> data.getFloat(4 * index);
      case INT64 -> data.getLong(8 * index);
      default -> data.get(index) != 0;
    };
  }

  @Override
  public void close() {
    session.close();
  }
}
