package dev.mlo.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.backend.Session;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Tensor;
import dev.mlo.onnx.OnnxDescription;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Values at which the engine would end the process, and with it these tests.
class SafeguardTest {
  private static final int INT32 = 6;
  private static final int INT64 = OnnxFile.INT64;
  private static final int DOUBLE = 11;

  @TempDir Path directory;

  /// `y = f(x, d)`, one dimension of any length.
  private static OnnxFile graph(int type, OnnxFile... nodes) {
    var graph = new OnnxFile();
    for (OnnxFile node : nodes) {
      graph.message(1, node);
    }
    return graph
        .message(11, OnnxFile.tensor("x", type, -1))
        .message(11, OnnxFile.tensor("d", type, -1))
        .message(12, OnnxFile.tensor("y", type, -1));
  }

  private static OnnxFile node(String operator, String output, String... inputs) {
    return OnnxFile.node(operator, "", List.of(inputs), output);
  }

  private static OnnxFile weight(String name, int type, long... values) {
    OnnxFile weight = new OnnxFile().number(1, values.length).number(2, type).text(8, name);
    for (long value : values) {
      weight.number(type == INT32 ? 5 : 7, value);
    }
    return weight;
  }

  private Session open() throws Exception {
    return new OnnxBackend().open(directory, "model.onnx", 1);
  }

  private boolean isSafeguarded() throws Exception {
    return !OnnxDescription.read(directory.resolve("model.onnx")).safeguards().isEmpty();
  }

  private static Tensor tensor(String name, DataType type, Shape shape, List<Long> values) {
    ByteBuffer data =
        ByteBuffer.allocate(values.size() * type.width()).order(ByteOrder.LITTLE_ENDIAN);
    for (long value : values) {
      switch (type) {
        case INT32 -> data.putInt((int) value);
        case FP64 -> data.putDouble((double) value);
        default -> data.putLong(value);
      }
    }
    return new Tensor.Numbers(name, type, shape, data.flip());
  }

  private static Tensor tensor(String name, DataType type, Long... values) {
    return tensor(name, type, Shape.of(values.length), List.of(values));
  }

  private static List<Long> whole(Tensor tensor) {
    Tensor.Numbers numbers = (Tensor.Numbers) tensor;
    ByteBuffer data = numbers.data();
    var values = new ArrayList<Long>();
    while (data.hasRemaining()) {
      values.add(numbers.datatype() == DataType.INT32 ? data.getInt() : data.getLong());
    }
    return values;
  }

  private static long least(DataType type) {
    return type == DataType.INT32 ? Integer.MIN_VALUE : Long.MIN_VALUE;
  }

  /// What the session answers for the least number and for 7, each divided by -1.
  private static List<Long> byMinusOne(Session session, DataType type) throws Exception {
    return whole(
        session
            .infer(
                List.of(tensor("x", type, least(type), 7L), tensor("d", type, -1L, -1L)), List.of())
            .getFirst());
  }

  @ParameterizedTest
  @CsvSource({
    "Div,INT32,7", "Mod,INT32,10", "Div,INT64,10", "Mod,INT64,10",
    "Div,INT32,14", "Mod,INT32,14", "Div,INT64,14", "Mod,INT64,14",
    "Div,INT32,26", "Mod,INT64,26",
  })
  void wholeNumbersAreDividedAsArithmeticOfTheirWidthDoes(
      String operator, DataType type, long operatorSet) throws Exception {
    int element = type == DataType.INT32 ? INT32 : INT64;
    OnnxFile.write(directory, operatorSet, graph(element, node(operator, "y", "x", "d")));
    long least = least(type);
    List<Long> values =
        LongStream.of(least, least + 1, -7, -2, -1, 1, 2, 7, ~least - 1, ~least).boxed().toList();
    var dividends = new ArrayList<Long>();
    var divisors = new ArrayList<Long>();
    var expected = new ArrayList<Long>();
    for (long x : values) {
      for (long d : values) {
        dividends.add(x);
        divisors.add(d);
        long result = operator.equals("Div") ? x / d : Math.floorMod(x, d);
        expected.add(type == DataType.INT32 ? (int) result : result);
      }
    }
    Shape shape = Shape.of(dividends.size());
    try (Session session = open()) {
      List<Tensor> answer =
          session.infer(
              List.of(tensor("x", type, shape, dividends), tensor("d", type, shape, divisors)),
              List.of());
      assertThat(whole(answer.getFirst())).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {10, 14})
  void whatIsComputedInBetweenIsDividedSafely(long operatorSet) throws Exception {
    OnnxFile.write(
        directory,
        operatorSet,
        graph(INT64, node("Neg", "n", "d"), node("Neg", "m", "n"), node("Div", "y", "x", "m")));
    try (Session session = open()) {
      assertThat(byMinusOne(session, DataType.INT64)).containsExactly(Long.MIN_VALUE, -7L);
    }
  }

  @Test
  void constantsOfTheModelAreDividedSafely() throws Exception {
    OnnxFile.write(
        directory,
        14,
        graph(
                INT64,
                node("Div", "q", "least", "minusOne"),
                node("Add", "s", "x", "d"),
                node("Sub", "z", "s", "s"),
                node("Add", "y", "z", "q"))
            .message(5, weight("least", INT64, Long.MIN_VALUE))
            .message(5, weight("minusOne", INT64, -1)));
    try (Session session = open()) {
      assertThat(byMinusOne(session, DataType.INT64))
          .containsExactly(Long.MIN_VALUE, Long.MIN_VALUE);
    }
  }

  @Test
  void aFunctionDividesSafelyWhateverItsTypes() throws Exception {
    OnnxFile function =
        new OnnxFile()
            .text(1, "quotient")
            .text(4, "a")
            .text(4, "b")
            .text(5, "c")
            .message(7, node("Div", "c", "a", "b"))
            .message(9, new OnnxFile().number(2, 14))
            .text(10, "own");
    OnnxFile call = OnnxFile.node("quotient", "own", List.of("x", "d"), "y");
    OnnxFile.write(directory, 14, graph(INT32, call), function);
    try (Session session = open()) {
      assertThat(byMinusOne(session, DataType.INT32))
          .containsExactly((long) Integer.MIN_VALUE, -7L);
    }
    OnnxFile.write(directory, 14, graph(DOUBLE, call), function);
    try (Session session = open()) {
      Tensor.Numbers y =
          (Tensor.Numbers)
              session
                  .infer(
                      List.of(
                          tensor("x", DataType.FP64, 7L, 7L, -7L, 7L),
                          tensor("d", DataType.FP64, -1L, 2L, 0L, 0L)),
                      List.of())
                  .getFirst();
      var values = new double[4];
      y.data().asDoubleBuffer().get(values);
      assertThat(values)
          .containsExactly(-7, 3.5, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY);
    }
  }

  @Test
  void aConstantThatIsGivenByTheCallIsNotTakenFor0() throws Exception {
    for (String value : List.of("value_int", "value_ints")) {
      OnnxFile given = new OnnxFile().text(1, value).number(20, value.equals("value_int") ? 2 : 7);
      OnnxFile function =
          new OnnxFile()
              .text(1, "by")
              .text(4, "a")
              .text(5, "c")
              .text(6, "number")
              .message(7, node("Constant", "k").message(5, given.text(21, "number")))
              .message(7, node("Div", "c", "a", "k"))
              .message(9, new OnnxFile().number(2, 14))
              .text(10, "own");
      OnnxFile number = new OnnxFile().text(1, "number");
      number = value.equals("value_int") ? number.number(3, -1) : number.number(8, -1);
      OnnxFile call =
          OnnxFile.node("by", "own", List.of("x"), "q")
              .message(5, number.number(20, value.equals("value_int") ? 2 : 7));
      OnnxFile zero = node("Sub", "z", "d", "d");
      OnnxFile.write(directory, 14, graph(INT64, call, zero, node("Add", "y", "q", "z")), function);
      try (Session session = open()) {
        assertThat(byMinusOne(session, DataType.INT64)).containsExactly(Long.MIN_VALUE, -7L);
      }
    }
  }

  @Test
  void aNumberOf32BitsThatIsWrittenWithMoreIsTheLowHalf() throws Exception {
    OnnxFile.write(
        directory,
        14,
        graph(
                INT32,
                node("Div", "q", "x", "k"),
                node("Sub", "z", "d", "d"),
                node("Add", "y", "q", "z"))
            .message(5, weight("k", INT32, 0xFFFF_FFFFL)));
    try (Session session = open()) {
      assertThat(byMinusOne(session, DataType.INT32))
          .containsExactly((long) Integer.MIN_VALUE, -7L);
    }
  }

  @Test
  void aBranchDividesSafely() throws Exception {
    OnnxFile then =
        new OnnxFile()
            .message(1, node("Add", "e", "d", "zero"))
            .message(1, node("Div", "q", "x", "e"))
            .text(2, "then")
            .message(12, OnnxFile.tensor("q", INT64, -1));
    OnnxFile otherwise =
        new OnnxFile()
            .message(1, node("Identity", "r", "x"))
            .text(2, "else")
            .message(12, OnnxFile.tensor("r", INT64, -1));
    OnnxFile branch =
        node("If", "y", "yes")
            .message(5, OnnxFile.subgraph("then_branch", then))
            .message(5, OnnxFile.subgraph("else_branch", otherwise));
    OnnxFile yes = new OnnxFile().number(2, OnnxFile.BOOL).number(5, 1).text(8, "yes");
    // Longer than what a length of one byte tells, so that lengths become longer as well.
    OnnxFile padding = weight("padding", INT64, LongStream.range(0, 10_000).toArray());
    OnnxFile.write(
        directory,
        14,
        graph(INT64, branch)
            .message(5, yes)
            .message(5, weight("zero", INT64, 0))
            .message(5, padding));
    try (Session session = open()) {
      assertThat(byMinusOne(session, DataType.INT64)).containsExactly(Long.MIN_VALUE, -7L);
    }
  }

  @Test
  void weightsInOtherFilesAreFound() throws Exception {
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(-1);
    Files.write(directory.resolve("weights"), bytes.array());
    OnnxFile.write(
        directory,
        14,
        graph(INT64, node("Div", "q", "x", "minusOne"), node("Div", "y", "q", "d"))
            .message(
                5,
                new OnnxFile()
                    .number(1, 1)
                    .number(2, INT64)
                    .text(8, "minusOne")
                    .message(13, new OnnxFile().text(1, "location").text(2, "weights"))
                    .number(14, 1)));
    try (Session session = open()) {
      assertThat(byMinusOne(session, DataType.INT64)).containsExactly(Long.MIN_VALUE, 7L);
    }
  }

  @Test
  void anyDiagonalIsTaken() throws Exception {
    OnnxFile.write(
        directory,
        14,
        new OnnxFile()
            .message(1, node("Sub", "n", "k", "one"))
            .message(1, node("Trilu", "y", "x", "n"))
            .message(5, new OnnxFile().number(2, INT64).number(7, 1).text(8, "one"))
            .message(11, OnnxFile.tensor("x", INT64, 2, 2))
            .message(11, OnnxFile.tensor("k", INT64))
            .message(12, OnnxFile.tensor("y", INT64, 2, 2)));
    Tensor x = tensor("x", DataType.INT64, Shape.of(2, 2), List.of(1L, 2L, 3L, 4L));
    try (Session session = open()) {
      for (long k : List.of(Long.MIN_VALUE + 1, Long.MIN_VALUE + 2, 0L)) {
        Tensor number = tensor("k", DataType.INT64, Shape.of(), List.of(k));
        assertThat(whole(session.infer(List.of(x, number), List.of()).getFirst()))
            .containsExactly(1L, 2L, 3L, 4L);
      }
      Tensor second = tensor("k", DataType.INT64, Shape.of(), List.of(2L));
      assertThat(whole(session.infer(List.of(x, second), List.of()).getFirst()))
          .containsExactly(0L, 2L, 0L, 0L);
    }
  }

  @Test
  void whatCanDoNoHarmStaysAsItIs() throws Exception {
    OnnxFile.write(directory, 14, graph(OnnxFile.FLOAT, node("Div", "y", "x", "d")));
    assertThat(isSafeguarded()).isFalse();

    OnnxFile.write(
        directory,
        14,
        graph(
            DOUBLE,
            node("Sqrt", "s", "x"),
            node("Div", "q", "s", "d"),
            node("Mul", "y", "q", "q")));
    assertThat(isSafeguarded()).isFalse();

    OnnxFile.write(
        directory,
        14,
        graph(INT64, node("Div", "q", "x", "two"), node("Add", "y", "q", "d"))
            .message(5, weight("two", INT64, 2)));
    assertThat(isSafeguarded()).isFalse();

    OnnxFile.write(directory, 14, graph(INT64, node("Div", "y", "x", "d")));
    assertThat(isSafeguarded()).isTrue();
  }
}
