package dev.mlo.backend.onnx;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import dev.mlo.backend.Backend;
import dev.mlo.backend.InferenceException;
import dev.mlo.backend.ModelException;
import dev.mlo.backend.Session;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Golden;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Tensor;
import dev.mlo.contract.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OnnxBackendTest {
  @TempDir Path directory;

  private Session open(OnnxFile graph) throws Exception {
    Path file = OnnxFile.write(directory, graph);
    return new OnnxBackend().open(directory, file.getFileName().toString(), 1);
  }

  private static Tensor.Numbers floats(String name, Shape shape, float... values) {
    ByteBuffer data = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      data.putFloat(value);
    }
    return new Tensor.Numbers(name, DataType.FP32, shape, data.flip());
  }

  @Test
  void isFoundAsAService() {
    assertThat(ServiceLoader.load(Backend.class))
        .singleElement()
        .isInstanceOf(OnnxBackend.class)
        .extracting(Backend::format)
        .isEqualTo("onnx");
  }

  @ParameterizedTest
  @CsvSource({
    "9,BOOL",
    "2,UINT8",
    "4,UINT16",
    "12,UINT32",
    "13,UINT64",
    "3,INT8",
    "5,INT16",
    "6,INT32",
    "7,INT64",
    "10,FP16",
    "1,FP32",
    "11,FP64"
  })
  void everyBitOfEveryNumberTypeGoesThroughTheEngine(int element, DataType type) throws Exception {
    ByteBuffer data = ByteBuffer.allocate(4 * type.width());
    byte[] pattern = {0, 1, (byte) 0x80, (byte) 0xff};
    for (int i = 0; i < data.capacity(); i++) {
      data.put(type == DataType.BOOL ? (byte) (i & 1) : pattern[i / type.width()]);
    }
    var input = new Tensor.Numbers("x", type, Shape.of(4), data.flip());
    try (Session session = open(OnnxFile.identity(element))) {
      assertThat(session.signature().inputs())
          .containsExactly(new TensorSpec("x", type, Shape.of(-1)));
      Tensor answer = session.infer(List.of(input), List.of()).getFirst();
      assertThat(answer.spec()).isEqualTo(new TensorSpec("y", type, Shape.of(4)));
      assertThat(((Tensor.Numbers) answer).data()).isEqualTo(input.data());
    }
  }

  @ParameterizedTest
  @CsvSource({"9,BOOL", "13,UINT64", "7,INT64", "10,FP16", "1,FP32"})
  void aTensorMayHaveNoElements(int element, DataType type) throws Exception {
    var input = new Tensor.Numbers("x", type, Shape.of(0), ByteBuffer.allocate(0));
    try (Session session = open(OnnxFile.identity(element))) {
      assertThat(session.infer(List.of(input), List.of()).getFirst().shape())
          .isEqualTo(Shape.of(0));
    }
  }

  @Test
  void textComesBackAsItWas() throws Exception {
    var input =
        Tensor.Strings.of("x", Shape.of(5), List.of("", "plain", "schön", "漢字", "rocket 🚀 end"));
    try (Session session = open(OnnxFile.identity(OnnxFile.STRING))) {
      Tensor answer = session.infer(List.of(input), List.of()).getFirst();
      var renamed = new Tensor.Strings("y", input.shape(), input.elements());
      assertThat(Golden.differences(List.of(renamed), List.of(answer), 0)).isEmpty();
    }
  }

  @Test
  void bytesThatAreNoTextAreTheClientsFault() throws Exception {
    var input = new Tensor.Strings("x", Shape.of(1), List.of(new byte[] {(byte) 0xff}));
    try (Session session = open(OnnxFile.identity(OnnxFile.STRING))) {
      assertThatThrownBy(() -> session.infer(List.of(input), List.of()))
          .asInstanceOf(type(InferenceException.class))
          .satisfies(e -> assertThat(e.isClients()).isTrue())
          .satisfies(e -> assertThat(e).hasMessageContaining("input `x`: element 0"));
    }
  }

  @Test
  void aListOfMapsIsServedAsATableInTheOrderOfItsLabels() throws Exception {
    OnnxFile zip =
        OnnxFile.node("ZipMap", "ai.onnx.ml", List.of("x"), "y")
            .message(5, OnnxFile.strings("classlabels_strings", List.of("pear", "apple", "ä")));
    OnnxFile graph =
        new OnnxFile()
            .message(1, zip)
            .message(11, OnnxFile.tensor("x", OnnxFile.FLOAT, -1, 3))
            .message(12, OnnxFile.maps("y", OnnxFile.STRING));
    try (Session session = open(graph)) {
      assertThat(session.signature().outputs())
          .containsExactly(new TensorSpec("y", DataType.FP32, Shape.of(-1, 3)));
      List<Tensor> answers =
          session.infer(List.of(floats("x", Shape.of(2, 3), 1, 2, 3, 4, 5, 6)), List.of());
      // apple, pear, ä
      assertThat(
              Golden.differences(
                  List.of(floats("y", Shape.of(2, 3), 2, 1, 3, 5, 4, 6)), answers, 0))
          .isEmpty();
    }
  }

  @Test
  void onlyTheWantedOutputsAreGivenInTheOrderOfTheModel() throws Exception {
    OnnxFile graph =
        new OnnxFile()
            .message(1, OnnxFile.node("Neg", "", List.of("x"), "a"))
            .message(1, OnnxFile.node("Abs", "", List.of("x"), "b"))
            .message(1, OnnxFile.node("Identity", "", List.of("x"), "c"))
            .message(11, OnnxFile.tensor("x", OnnxFile.FLOAT, -1))
            .message(12, OnnxFile.tensor("a", OnnxFile.FLOAT, -1))
            .message(12, OnnxFile.tensor("b", OnnxFile.FLOAT, -1))
            .message(12, OnnxFile.tensor("c", OnnxFile.FLOAT, -1));
    try (Session session = open(graph)) {
      List<Tensor> answers =
          session.infer(List.of(floats("x", Shape.of(1), -2)), List.of("c", "a"));
      assertThat(answers).extracting(Tensor::name).containsExactly("a", "c");
    }
  }

  private static final OnnxFile PRODUCT =
      new OnnxFile()
          .message(1, OnnxFile.node("MatMul", "", List.of("x", "w"), "y"))
          .message(11, OnnxFile.tensor("x", OnnxFile.FLOAT, -1, -1))
          .message(11, OnnxFile.tensor("w", OnnxFile.FLOAT, -1, -1))
          .message(12, OnnxFile.tensor("y", OnnxFile.FLOAT, -1, -1));

  @Test
  void inputsTheModelDoesNotTakeAreTheClientsFault() throws Exception {
    List<Tensor> inputs =
        List.of(floats("x", Shape.of(2), 1, 2), floats("w", Shape.of(2, 1), 1, 2));
    try (Session session = open(PRODUCT)) {
      assertThatThrownBy(() -> session.infer(inputs, List.of()))
          .asInstanceOf(type(InferenceException.class))
          .satisfies(e -> assertThat(e.isClients()).isTrue());
    }
  }

  /// It may as well be a model that is wrong, and then a swap must be able to notice.
  @Test
  void anOperatorThatFailsIsNotTheClientsFault() throws Exception {
    List<Tensor> inputs =
        List.of(floats("x", Shape.of(1, 2), 1, 2), floats("w", Shape.of(3, 1), 1, 2, 3));
    try (Session session = open(PRODUCT)) {
      assertThatThrownBy(() -> session.infer(inputs, List.of()))
          .asInstanceOf(type(InferenceException.class))
          .satisfies(e -> assertThat(e.isClients()).isFalse())
          .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n", "Error code"));
    }
  }

  @Test
  void threadsThatInferAtOnceEachGetTheirOwnAnswer() throws Exception {
    OnnxFile graph =
        new OnnxFile()
            .message(1, OnnxFile.node("Add", "", List.of("x", "x"), "y"))
            .message(11, OnnxFile.tensor("x", OnnxFile.FLOAT, -1))
            .message(12, OnnxFile.tensor("y", OnnxFile.FLOAT, -1));
    try (Session session = open(graph);
        var pool = Executors.newFixedThreadPool(6)) {
      var jobs = new ArrayList<Callable<List<String>>>();
      for (int i = 0; i < 600; i++) {
        float value = i;
        jobs.add(() ->
            Golden.differences(
                List.of(floats("y", Shape.of(2), 2 * value, 0)),
                session.infer(List.of(floats("x", Shape.of(2), value, 0)), List.of()),
                0));
      }
      for (Future<List<String>> job : pool.invokeAll(jobs)) {
        assertThat(job.get()).isEmpty();
      }
    }
  }

  @Test
  void aClosedSessionFailsAndMayBeClosedAgain() throws Exception {
    Session session = open(OnnxFile.identity(OnnxFile.FLOAT));
    session.close();
    session.close();
    assertThatThrownBy(() -> session.infer(List.of(floats("x", Shape.of(1), 1)), List.of()))
        .asInstanceOf(type(InferenceException.class))
        .satisfies(e -> assertThat(e.isClients()).isFalse());
  }

  @Test
  void whatIsNoModelIsRefusedInOneLine() throws Exception {
    Files.write(directory.resolve("model.onnx"), "not a model".getBytes(UTF_8));
    assertThatThrownBy(() -> new OnnxBackend().open(directory, "model.onnx", 1))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("model.onnx")
        .message()
        .doesNotContain("\n");
  }

  @Test
  void aFileOutsideTheDirectoryIsNotOpened() throws Exception {
    Path outside = Files.createDirectory(directory.resolve("outside"));
    OnnxFile.write(outside, OnnxFile.identity(OnnxFile.FLOAT));
    Path inside = Files.createDirectory(directory.resolve("inside"));
    Files.createSymbolicLink(inside.resolve("link.onnx"), outside.resolve("model.onnx"));
    for (String entry : List.of("link.onnx", "../outside/model.onnx", ".", "missing.onnx")) {
      assertThatThrownBy(() -> new OnnxBackend().open(inside, entry, 1))
          .isInstanceOf(ModelException.class)
          .hasMessageContaining("model's directory");
    }
  }

  @Test
  void weightsOutsideTheDirectoryAreNotRead() throws Exception {
    Files.write(directory.resolve("secret"), new byte[64]);
    Path inside = Files.createDirectory(directory.resolve("inside"));
    OnnxFile weight =
        new OnnxFile()
            .number(1, 16)
            .number(2, OnnxFile.FLOAT)
            .text(8, "w")
            .message(13, new OnnxFile().text(1, "location").text(2, "../secret"))
            .number(14, 1);
    OnnxFile graph =
        new OnnxFile()
            .message(1, OnnxFile.node("Add", "", List.of("x", "w"), "y"))
            .message(5, weight)
            .message(11, OnnxFile.tensor("x", OnnxFile.FLOAT, -1))
            .message(12, OnnxFile.tensor("y", OnnxFile.FLOAT, -1));
    OnnxFile.write(inside, graph);
    assertThatThrownBy(() -> new OnnxBackend().open(inside, "model.onnx", 1))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("secret");
  }

  @Test
  void aSequenceOutputIsRefusedByName() throws Exception {
    OnnxFile graph =
        new OnnxFile()
            .message(1, OnnxFile.node("SequenceConstruct", "", List.of("x"), "parts"))
            .message(11, OnnxFile.tensor("x", OnnxFile.FLOAT, -1))
            .message(12, sequence());
    assertThatThrownBy(() -> open(graph))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("output `parts`");
  }

  private static OnnxFile sequence() {
    OnnxFile tensor = new OnnxFile().message(1, new OnnxFile().number(1, OnnxFile.FLOAT));
    return new OnnxFile()
        .text(1, "parts")
        .message(2, new OnnxFile().message(4, new OnnxFile().message(1, tensor)));
  }
}
