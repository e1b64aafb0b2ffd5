package dev.mlo.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.mlo.backend.InferenceException;
import dev.mlo.backend.Session;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Inferences of the same shapes again and again, so that they share their tensors, and what must
/// not go wrong by it.
class FramesTest {
  /// Enough for the engine to be quick, whatever else the machine does.
  private static final int OFTEN = 100;

  @TempDir Path directory;

  private Session open(OnnxFile graph) throws Exception {
    OnnxFile.write(directory, graph);
    return new OnnxBackend().open(directory, "model.onnx", 1);
  }

  private static Tensor floats(String name, float... values) {
    ByteBuffer data = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    data.asFloatBuffer().put(values);
    return new Tensor.Numbers(name, DataType.FP32, Shape.of(values.length), data);
  }

  private static Tensor longs(String name, Shape shape, long... values) {
    ByteBuffer data = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    data.asLongBuffer().put(values);
    return new Tensor.Numbers(name, DataType.INT64, shape, data);
  }

  private static float[] floats(Tensor tensor) {
    FloatBuffer data = ((Tensor.Numbers) tensor).data().asFloatBuffer();
    float[] values = new float[data.remaining()];
    data.get(values);
    return values;
  }

  private static long[] longs(Tensor tensor) {
    LongBuffer data = ((Tensor.Numbers) tensor).data().asLongBuffer();
    long[] values = new long[data.remaining()];
    data.get(values);
    return values;
  }

  @Test
  void anAnswerIsNotOverwrittenByTheNext() throws Exception {
    try (Session session = open(OnnxFile.unary("Neg", ""))) {
      var answers = new ArrayList<Tensor>();
      for (int i = 1; i <= OFTEN; i++) {
        answers.addAll(session.infer(List.of(floats("x", i, 2f * i)), List.of()));
      }
      for (int i = 1; i <= OFTEN; i++) {
        assertThat(floats(answers.get(i - 1))).containsExactly(-i, -2f * i);
      }
    }
  }

  @Test
  void manyAtOnceDoNotMix() throws Exception {
    try (Session session = open(OnnxFile.unary("Neg", ""));
        ExecutorService threads = Executors.newFixedThreadPool(8)) {
      var answers = new ArrayList<Future<float[]>>();
      for (int i = 0; i < 40 * OFTEN; i++) {
        float value = i;
        // Some have other shapes, so that what is shared changes hands.
        int length = i / 500 % 2 == 0 || i % 7 == 0 ? 3 : 4;
        float[] values = new float[length];
        Arrays.fill(values, value);
        Callable<float[]> one =
            () -> floats(session.infer(List.of(floats("x", values)), List.of()).getFirst());
        answers.add(threads.submit(one));
      }
      for (int i = 0; i < answers.size(); i++) {
        for (float value : answers.get(i).get()) {
          assertThat(value).isEqualTo(-i);
        }
      }
    }
  }

  @Test
  void anOutputWhoseLengthTheValuesDecideIsWhole() throws Exception {
    OnnxFile graph =
        new OnnxFile()
            .message(1, OnnxFile.node("NonZero", "", List.of("x"), "y"))
            .message(11, OnnxFile.tensor("x", OnnxFile.FLOAT, -1))
            .message(12, OnnxFile.tensor("y", OnnxFile.INT64, -1, -1));
    try (Session session = open(graph)) {
      for (int i = 0; i < OFTEN; i++) {
        assertThat(longs(session.infer(List.of(floats("x", 1, 0, 1)), List.of()).getFirst()))
            .containsExactly(0, 2);
      }
      assertThat(session.infer(List.of(floats("x", 0, 3, 0)), List.of()).getFirst())
          .isEqualTo(longs("y", Shape.of(1, 1), 1));
      for (int i = 0; i < OFTEN; i++) {
        assertThat(longs(session.infer(List.of(floats("x", 1, 1, i % 2)), List.of()).getFirst()))
            .hasSize(2 + i % 2);
      }
    }
  }

  @Test
  void whatTheEngineHandsOnIsAnsweredAnewEachTime() throws Exception {
    OnnxFile graph =
        new OnnxFile()
            .message(1, OnnxFile.node("Neg", "", List.of("x"), "y"))
            .message(5, OnnxFile.weight("constant", 1, 2))
            .message(11, OnnxFile.tensor("x", OnnxFile.FLOAT, -1))
            .message(12, OnnxFile.tensor("y", OnnxFile.FLOAT, -1))
            .message(12, OnnxFile.tensor("x", OnnxFile.FLOAT, -1))
            .message(12, OnnxFile.tensor("constant", OnnxFile.FLOAT, 2));
    try (Session session = open(graph)) {
      for (int i = 1; i <= OFTEN; i++) {
        List<Tensor> answers = session.infer(List.of(floats("x", i, 1)), List.of());
        assertThat(floats(answers.get(0))).containsExactly(-i, -1);
        assertThat(floats(answers.get(1))).containsExactly(i, 1);
        assertThat(floats(answers.get(2))).containsExactly(1, 2);
      }
    }
  }

  /// What happens to lie in the engine's memory must not pass for an answer.
  @ParameterizedTest
  @ValueSource(ints = {0, 0xa5a5a5a5, 0x5a5a5a5a, -1})
  void whatIsHandedOnIsFoundOutWhateverItIs(int bits) throws Exception {
    float first = Float.intBitsToFloat(bits);
    OnnxFile graph =
        new OnnxFile()
            .message(1, OnnxFile.node("Neg", "", List.of("x"), "y"))
            .message(11, OnnxFile.tensor("x", OnnxFile.FLOAT, -1))
            .message(12, OnnxFile.tensor("x", OnnxFile.FLOAT, -1))
            .message(12, OnnxFile.tensor("y", OnnxFile.FLOAT, -1));
    try (Session session = open(graph)) {
      for (int i = 1; i <= OFTEN; i++) {
        session.infer(List.of(floats("x", first, first)), List.of());
      }
      for (int i = 1; i <= OFTEN; i++) {
        List<Tensor> answers = session.infer(List.of(floats("x", i, 1)), List.of());
        assertThat(floats(answers.get(0))).containsExactly(i, 1);
        assertThat(floats(answers.get(1))).containsExactly(-i, -1);
      }
    }
  }

  /// A loop without a round hands its input on.
  @Test
  void whatTheValuesDecideIsAnsweredAnewEachTime() throws Exception {
    OnnxFile body =
        new OnnxFile()
            .message(1, OnnxFile.node("Identity", "", List.of("go"), "goOn"))
            .message(1, OnnxFile.node("Neg", "", List.of("s"), "next"))
            .text(2, "body")
            .message(11, OnnxFile.tensor("i", OnnxFile.INT64))
            .message(11, OnnxFile.tensor("go", OnnxFile.BOOL))
            .message(11, OnnxFile.tensor("s", OnnxFile.FLOAT, -1))
            .message(12, OnnxFile.tensor("goOn", OnnxFile.BOOL))
            .message(12, OnnxFile.tensor("next", OnnxFile.FLOAT, -1));
    OnnxFile graph =
        new OnnxFile()
            .message(
                1,
                OnnxFile.node("Loop", "", List.of("count", "", "x"), "y")
                    .message(5, OnnxFile.subgraph("body", body)))
            .message(11, OnnxFile.tensor("count", OnnxFile.INT64))
            .message(11, OnnxFile.tensor("x", OnnxFile.FLOAT, -1))
            .message(12, OnnxFile.tensor("y", OnnxFile.FLOAT, -1));
    try (Session session = open(graph)) {
      for (int i = 1; i <= 3 * OFTEN; i++) {
        int rounds = i < OFTEN ? 1 : i % 3;
        List<Tensor> inputs = List.of(longs("count", Shape.of(), rounds), floats("x", i));
        assertThat(floats(session.infer(inputs, List.of()).getFirst()))
            .containsExactly(rounds % 2 == 0 ? i : -i);
      }
    }
  }

  @Test
  void eachChoiceOfOutputsIsAnswered() throws Exception {
    OnnxFile graph =
        new OnnxFile()
            .message(1, OnnxFile.node("Neg", "", List.of("x"), "y"))
            .message(1, OnnxFile.node("Abs", "", List.of("x"), "z"))
            .message(11, OnnxFile.tensor("x", OnnxFile.FLOAT, -1))
            .message(12, OnnxFile.tensor("y", OnnxFile.FLOAT, -1))
            .message(12, OnnxFile.tensor("z", OnnxFile.FLOAT, -1));
    try (Session session = open(graph)) {
      for (List<String> wanted : List.of(List.<String>of(), List.of("z"), List.of("y"))) {
        for (int i = 0; i < OFTEN; i++) {
          List<Tensor> answers = session.infer(List.of(floats("x", -i - 1)), wanted);
          assertThat(answers).hasSize(wanted.isEmpty() ? 2 : 1);
          for (Tensor answer : answers) {
            assertThat(floats(answer)).containsExactly(i + 1);
          }
        }
      }
    }
  }

  @Test
  void aRequestTheEngineRefusesIsRefusedInTheSameWords() throws Exception {
    OnnxFile graph =
        new OnnxFile()
            .message(1, OnnxFile.node("Gather", "", List.of("w", "x"), "y"))
            .message(5, OnnxFile.weight("w", 1, 2))
            .message(11, OnnxFile.tensor("x", OnnxFile.INT64, -1))
            .message(12, OnnxFile.tensor("y", OnnxFile.FLOAT, -1));
    try (Session session = open(graph)) {
      Throwable first = null;
      for (int i = 0; i < OFTEN; i++) {
        Tensor good = longs("x", Shape.of(1), i % 2);
        assertThat(floats(session.infer(List.of(good), List.of()).getFirst()))
            .containsExactly(1 + i % 2);
        Tensor bad = longs("x", Shape.of(1), 7);
        Throwable refused = catchThrowable(() -> session.infer(List.of(bad), List.of()));
        assertThat(refused).isInstanceOf(InferenceException.class);
        first = first == null ? refused : first;
        assertThat(refused).hasMessage(first.getMessage());
      }
    }
  }

  @Test
  void numbersOfEveryTypeThatIsSharedKeepTheirBits() throws Exception {
    for (DataType type : List.of(DataType.BOOL, DataType.UINT8, DataType.FP16, DataType.FP64)) {
      int element =
          switch (type) {
            case BOOL -> 9;
            case UINT8 -> 2;
            case FP16 -> 10;
            default -> 11;
          };
      try (Session session = open(OnnxFile.identity(element))) {
        for (int i = 0; i < OFTEN; i++) {
          ByteBuffer data = ByteBuffer.allocate(2 * type.width());
          while (data.hasRemaining()) {
            data.put((byte) (type == DataType.BOOL ? i & 1 : i * 37 + data.position()));
          }
          Tensor input = new Tensor.Numbers("x", type, Shape.of(2), data.flip());
          Tensor answer = session.infer(List.of(input), List.of()).getFirst();
          assertThat(((Tensor.Numbers) answer).data()).isEqualTo(((Tensor.Numbers) input).data());
        }
      }
    }
  }
}
