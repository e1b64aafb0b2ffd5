package dev.mlo.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.backend.InferenceException;
import dev.mlo.backend.Session;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Values at which the engine would end the process, and with it these tests.
class HazardTest {
  @TempDir Path directory;

  private Session open(String operator, int type, String second, long... lengths) throws Exception {
    OnnxFile graph =
        new OnnxFile()
            .message(1, OnnxFile.node(operator, "", List.of("x", second), "y"))
            .message(11, OnnxFile.tensor("x", type, lengths))
            .message(12, OnnxFile.tensor("y", type, lengths));
    if (!second.equals("x")) {
      graph.message(
          11, OnnxFile.tensor(second, type, operator.equals("Trilu") ? new long[0] : lengths));
    }
    OnnxFile.write(directory, 14, graph);
    return new OnnxBackend().open(directory, "model.onnx", 1);
  }

  private static Tensor tensor(String name, DataType type, Shape shape, long... values) {
    ByteBuffer data =
        ByteBuffer.allocate(values.length * type.width()).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      if (type == DataType.INT32) {
        data.putInt((int) value);
      } else {
        data.putLong(value);
      }
    }
    return new Tensor.Numbers(name, type, shape, data.flip());
  }

  private static long first(List<Tensor> outputs) {
    Tensor.Numbers y = (Tensor.Numbers) outputs.getFirst();
    return y.datatype() == DataType.INT32 ? y.data().getInt() : y.data().getLong();
  }

  @ParameterizedTest
  @CsvSource({
    "Div,INT32,6,-2147483648",
    "Mod,INT32,6,-2147483648",
    "Div,INT64,7,-9223372036854775808",
    "Mod,INT64,7,-9223372036854775808",
  })
  void theLeastNumberIsNotDividedByMinusOne(String operator, DataType type, int element, long least)
      throws Exception {
    Shape one = Shape.of(1);
    try (Session session = open(operator, element, "d", -1)) {
      assertThatThrownBy(() ->
              session.infer(
                  List.of(tensor("x", type, one, least), tensor("d", type, one, -1)), List.of()))
          .isInstanceOfSatisfying(InferenceException.class, e -> assertThat(e.isClients()).isTrue())
          .hasMessage(
              "input `x` has %d and input `d` has -1: the quotient is no %s"
                  .formatted(least, type));

      boolean divides = operator.equals("Div");
      assertThat(
              first(
                  session.infer(
                      List.of(tensor("x", type, one, least), tensor("d", type, one, 2)),
                      List.of())))
          .isEqualTo(divides ? least / 2 : 0);
      assertThat(
              first(
                  session.infer(
                      List.of(tensor("x", type, one, 7), tensor("d", type, one, -1)), List.of())))
          .isEqualTo(divides ? -7 : 0);
    }
  }

  @Test
  void aNumberMayBeDividedByItself() throws Exception {
    try (Session session = open("Div", OnnxFile.INT64, "x", -1)) {
      Tensor x = tensor("x", DataType.INT64, Shape.of(2), Long.MIN_VALUE, -1);
      assertThat(first(session.infer(List.of(x), List.of()))).isEqualTo(1);
    }
  }

  @Test
  void aDiagonalBeyondEveryMatrixIsRefused() throws Exception {
    try (Session session = open("Trilu", OnnxFile.INT64, "k", 2, 2)) {
      Tensor x = tensor("x", DataType.INT64, Shape.of(2, 2), 1, 2, 3, 4);
      for (long k : List.of(Long.MIN_VALUE, Long.MIN_VALUE + 1)) {
        assertThatThrownBy(() ->
                session.infer(List.of(x, tensor("k", DataType.INT64, Shape.of(), k)), List.of()))
            .isInstanceOfSatisfying(
                InferenceException.class, e -> assertThat(e.isClients()).isTrue())
            .hasMessageContaining("input `k` is the number of a diagonal");
      }
      assertThat(
              first(
                  session.infer(List.of(x, tensor("k", DataType.INT64, Shape.of(), 1)), List.of())))
          .isZero();
    }
  }
}
