package dev.mlo.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.backend.InferenceException;
import dev.mlo.backend.ModelException;
import dev.mlo.backend.Session;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Golden;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Signature;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorSpec;
import dev.mlo.onnx.OnnxDescription;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the file says, what the engine says and what comes out are one.
class ContractTest {
  @TempDir Path directory;

  private Session open(OnnxFile graph) throws Exception {
    Path file = OnnxFile.write(directory, graph);
    Session session = new OnnxBackend().open(directory, "model.onnx", 1);
    assertThat(OnnxDescription.read(file).signature()).isEqualTo(session.signature());
    return session;
  }

  private static Tensor.Numbers floats(String name, Shape shape, float... values) {
    ByteBuffer data = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      data.putFloat(value);
    }
    return new Tensor.Numbers(name, DataType.FP32, shape, data.flip());
  }

  private static OnnxFile zipMap(OnnxFile labels, int key) {
    return new OnnxFile()
        .message(1, OnnxFile.node("ZipMap", "ai.onnx.ml", List.of("x"), "y").message(5, labels))
        .message(11, OnnxFile.tensor("x", OnnxFile.FLOAT, -1, 3))
        .message(12, OnnxFile.maps("y", key));
  }

  private static OnnxFile integers(String name, long... values) {
    OnnxFile attribute = new OnnxFile().text(1, name);
    for (long value : values) {
      attribute.number(8, value);
    }
    return attribute.number(20, 7);
  }

  private static void agree(Signature signature, List<Tensor> answers) {
    for (Tensor answer : answers) {
      TensorSpec spec = signature.output(answer.name()).orElseThrow();
      assertThat(answer.datatype()).isEqualTo(spec.datatype());
      assertThat(answer.shape().fits(spec.shape())).as("%s in %s", answer.spec(), spec).isTrue();
    }
  }

  @Test
  void numbersAsLabelsAreOrderedByValue() throws Exception {
    try (Session session =
        open(zipMap(integers("classlabels_int64s", 10, -3, 9), OnnxFile.INT64))) {
      assertThat(session.signature().outputs())
          .containsExactly(new TensorSpec("y", DataType.FP32, Shape.of(-1, 3)));
      List<Tensor> answers =
          session.infer(List.of(floats("x", Shape.of(2, 3), 1, 2, 3, 4, 5, 6)), List.of());
      agree(session.signature(), answers);
      Tensor expected = floats("y", Shape.of(2, 3), 2, 3, 1, 5, 6, 4);
      assertThat(Golden.differences(List.of(expected), answers, 0)).isEmpty();
    }
  }

  @Test
  void noExamplesGiveATableWithoutRows() throws Exception {
    try (Session session =
        open(
            zipMap(
                OnnxFile.strings("classlabels_strings", List.of("b", "a", "c")),
                OnnxFile.STRING))) {
      List<Tensor> answers = session.infer(List.of(floats("x", Shape.of(0, 3))), List.of());
      assertThat(answers.getFirst().shape()).isEqualTo(Shape.of(0, 3));
    }
  }

  /// Its labels are its own, and the output is not.
  @Test
  void aZipMapElsewhereLendsNoLabels() throws Exception {
    OnnxFile inner =
        new OnnxFile()
            .message(
                1,
                OnnxFile.node("ZipMap", "ai.onnx.ml", List.of("x"), "y")
                    .message(5, OnnxFile.strings("classlabels_strings", List.of("a", "b"))))
            .text(2, "inner")
            .message(12, OnnxFile.maps("y", OnnxFile.STRING));
    OnnxFile graph =
        new OnnxFile()
            .message(
                1,
                OnnxFile.node("If", "", List.of("c"), "y")
                    .message(5, OnnxFile.subgraph("then_branch", inner))
                    .message(5, OnnxFile.subgraph("else_branch", inner)))
            .message(11, OnnxFile.tensor("c", OnnxFile.BOOL))
            .message(11, OnnxFile.tensor("x", OnnxFile.FLOAT, -1, 2))
            .message(12, OnnxFile.maps("y", OnnxFile.STRING));
    Path file = OnnxFile.write(directory, graph);
    assertThat(OnnxDescription.read(file).signature().outputs())
        .containsExactly(new TensorSpec("y", DataType.FP32, Shape.of(-1, -1)));
  }

  private static OnnxFile identity(int element, long... shape) {
    return new OnnxFile()
        .message(1, OnnxFile.node("Identity", "", List.of("x"), "y"))
        .message(11, OnnxFile.tensor("x", element, shape))
        .message(12, OnnxFile.tensor("y", element, shape));
  }

  @ParameterizedTest
  @CsvSource({
    "9,BOOL",
    "2,UINT8",
    "4,UINT16",
    "12,UINT32",
    "13,UINT64",
    "7,INT64",
    "10,FP16",
    "1,FP32",
    "11,FP64"
  })
  void aNumberWithoutDimensionsGoesThrough(int element, DataType type) throws Exception {
    ByteBuffer data = ByteBuffer.allocate(type.width()).put(0, (byte) 1);
    try (Session session = open(identity(element))) {
      assertThat(session.signature().inputs())
          .containsExactly(new TensorSpec("x", type, Shape.of()));
      List<Tensor> answers =
          session.infer(List.of(new Tensor.Numbers("x", type, Shape.of(), data)), List.of());
      agree(session.signature(), answers);
      assertThat(((Tensor.Numbers) answers.getFirst()).data()).isEqualTo(data);
    }
  }

  @Test
  void aTextWithoutDimensionsGoesThrough() throws Exception {
    Tensor text = Tensor.Strings.of("x", Shape.of(), List.of("schön"));
    try (Session session = open(identity(OnnxFile.STRING))) {
      List<Tensor> answers = session.infer(List.of(text), List.of());
      Tensor expected = Tensor.Strings.of("y", Shape.of(), List.of("schön"));
      assertThat(Golden.differences(List.of(expected), answers, 0)).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({"1,FP32", "8,BYTES", "13,UINT64", "10,FP16"})
  void noRowsAndNoColumnsGoThrough(int element, DataType type) throws Exception {
    try (Session session = open(identity(element, -1, -1))) {
      for (Shape shape : List.of(Shape.of(0, 4), Shape.of(4, 0), Shape.of(0, 0))) {
        Tensor none =
            type == DataType.BYTES
                ? new Tensor.Strings("x", shape, List.of())
                : new Tensor.Numbers("x", type, shape, ByteBuffer.allocate(0));
        List<Tensor> answers = session.infer(List.of(none), List.of());
        agree(session.signature(), answers);
        assertThat(answers.getFirst().shape()).isEqualTo(shape);
      }
    }
  }

  private static OnnxFile value(String name, OnnxFile type) {
    return new OnnxFile().text(1, name).message(2, type);
  }

  private static final OnnxFile FLOATS =
      new OnnxFile().message(1, new OnnxFile().number(1, OnnxFile.FLOAT));

  /// `DictVectorizer` takes a map, which no request can carry.
  @Test
  void aMapAsInputIsRefusedByName() throws Exception {
    OnnxFile map =
        new OnnxFile().message(5, new OnnxFile().number(1, OnnxFile.STRING).message(2, FLOATS));
    OnnxFile graph =
        new OnnxFile()
            .message(
                1,
                OnnxFile.node("DictVectorizer", "ai.onnx.ml", List.of("x"), "y")
                    .message(5, OnnxFile.strings("string_vocabulary", List.of("a"))))
            .message(11, value("x", map))
            .message(12, OnnxFile.tensor("y", OnnxFile.FLOAT, 1, 1));
    refused(graph, "input `x` is map(string,tensor(float)); only tensors can be served");
  }

  @Test
  void sequencesAndOptionalsAreRefusedByName() throws Exception {
    OnnxFile sequence = new OnnxFile().message(4, new OnnxFile().message(1, FLOATS));
    OnnxFile optional = new OnnxFile().message(9, new OnnxFile().message(1, FLOATS));
    OnnxFile node = OnnxFile.node("Identity", "", List.of("x"), "y");
    refused(
        new OnnxFile()
            .message(1, node)
            .message(11, value("x", sequence))
            .message(12, value("y", sequence)),
        "input `x` is seq(tensor(float)); only tensors can be served");
    refused(
        new OnnxFile()
            .message(1, node)
            .message(11, value("x", optional))
            .message(12, value("y", optional)),
        "output `y` is optional(tensor(float)); only tensors can be served");
  }

  private static OnnxFile ofLength(String name, String length) {
    OnnxFile shape = new OnnxFile().message(1, new OnnxFile().text(2, length));
    return value(
        name,
        new OnnxFile().message(1, new OnnxFile().number(1, OnnxFile.FLOAT).message(2, shape)));
  }

  /// One may stand for many, as the engine has it; where it fails, the request was wrong.
  @Test
  void lengthsOfOneNameThatDifferAreTheClientsFault() throws Exception {
    OnnxFile sum =
        new OnnxFile()
            .message(1, OnnxFile.node("Add", "", List.of("a", "b"), "y"))
            .message(11, ofLength("a", "n"))
            .message(11, ofLength("b", "n"))
            .message(12, ofLength("y", "n"));
    Tensor two = floats("a", Shape.of(2), 1, 2);
    try (Session session = open(sum)) {
      List<Tensor> answers = session.infer(List.of(two, floats("b", Shape.of(1), 3)), List.of());
      assertThat(Golden.differences(List.of(floats("y", Shape.of(2), 4, 5)), answers, 0)).isEmpty();
      assertThatThrownBy(
              () -> session.infer(List.of(two, floats("b", Shape.of(3), 3, 4, 5)), List.of()))
          .hasMessageContaining("input `b` has the length 3 where input `a` has 2")
          .matches(e -> ((InferenceException) e).isClients());
    }
  }

  /// In elements such a shape may be beyond any number that counts them.
  @Test
  void aTensorThatNobodyCanSendIsRefused() throws Exception {
    for (long[] shape : new long[][] {{1L << 40, 1L << 40}, {-1, 1L << 29}, {1L << 62, 4}}) {
      OnnxFile large =
          new OnnxFile()
              .message(1, OnnxFile.node("Neg", "", List.of("x"), "y"))
              .message(11, OnnxFile.tensor("x", OnnxFile.FLOAT, shape))
              .message(12, OnnxFile.tensor("y", OnnxFile.FLOAT, shape));
      refused(large, "input `x` of shape ");
      refused(large, "takes more than 2 GiB");
    }
  }

  private static OnnxFile named(String input) {
    return new OnnxFile()
        .message(1, OnnxFile.node("Identity", "", List.of(input), "y"))
        .message(11, OnnxFile.tensor(input, OnnxFile.FLOAT, -1))
        .message(12, OnnxFile.tensor("y", OnnxFile.FLOAT, -1));
  }

  @Test
  void aNameIsInAnyLanguageButWithoutEmoji() throws Exception {
    String name = "größe/名前 \"b.c\":0";
    Tensor input = floats(name, Shape.of(1), 3);
    try (Session session = open(named(name))) {
      List<Tensor> answers = session.infer(List.of(input), List.of());
      assertThat(Golden.differences(List.of(floats("y", Shape.of(1), 3)), answers, 0)).isEmpty();
    }
    refused(named("x😀"), "input `x😀` has a character beyond U+FFFF in its name");
  }

  private void refused(OnnxFile graph, String why) throws Exception {
    OnnxFile.write(directory, graph);
    assertThatThrownBy(() -> new OnnxBackend().open(directory, "model.onnx", 1))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining(why);
  }
}
