package dev.mlo.backend.onnx;

import static dev.mlo.backend.onnx.OnnxFile.FLOAT;
import static dev.mlo.backend.onnx.OnnxFile.node;
import static dev.mlo.backend.onnx.OnnxFile.tensor;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.mlo.onnx.OnnxDescription;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Graphs that do not hang together, and weights that are not what they say: what the file's reader
/// refuses is what the engine would refuse, and the other way round.
class BrokenGraphTest {
  @TempDir Path directory;

  private List<String> objections(OnnxFile graph, OnnxFile... functions) throws Exception {
    return OnnxDescription.read(OnnxFile.write(directory, graph, functions)).objections();
  }

  private boolean engineOpens() {
    try (var options = new OrtSession.SessionOptions();
        var _ =
            OrtEnvironment.getEnvironment()
                .createSession(directory.resolve("model.onnx").toString(), options)) {
      return true;
    } catch (OrtException e) {
      return false;
    }
  }

  /// From `x` to `y`, both FP32[2].
  private static OnnxFile graph(OnnxFile... nodes) {
    var graph = new OnnxFile();
    for (OnnxFile node : nodes) {
      graph.message(1, node);
    }
    return graph
        .message(11, tensor("x", FLOAT, 2))
        .message(11, tensor("c", OnnxFile.BOOL))
        .message(12, tensor("y", FLOAT, 2));
  }

  private static OnnxFile step(String operator, String output, String... inputs) {
    return node(operator, "", List.of(inputs), output).text(3, "n-" + output);
  }

  /// `y = If(c)`, with the same graph for both answers.
  private static OnnxFile choice(String result, OnnxFile... nodes) {
    var branch = new OnnxFile();
    for (OnnxFile node : nodes) {
      branch.message(1, node);
    }
    branch.text(2, "branch").message(12, tensor(result, FLOAT, 2));
    return step("If", "y", "c")
        .message(5, OnnxFile.subgraph("then_branch", branch))
        .message(5, OnnxFile.subgraph("else_branch", branch));
  }

  private static OnnxFile weight(int type, long length, int bytes) {
    return new OnnxFile().number(1, length).number(2, type).text(8, "w").bytes(9, new byte[bytes]);
  }

  private static OnnxFile sum(OnnxFile weight) {
    return graph(step("Add", "y", "x", "w")).message(5, weight);
  }

  static Stream<Arguments> broken() {
    return Stream.of(
        Arguments.of(
            graph(step("Add", "y", "x", "gone")),
            "`ai.onnx.Add` (node `n-y`) takes `gone`, which nothing makes"),
        Arguments.of(
            graph(step("Neg", "y", "x"), step("Neg", "unused", "gone")),
            "`ai.onnx.Neg` (node `n-unused`) takes `gone`, which nothing makes"),
        Arguments.of(graph(step("Neg", "z", "x")), "nothing makes its output `y`"),
        Arguments.of(
            graph(step("Neg", "y", "x"), step("Abs", "y", "x")),
            "`ai.onnx.Abs` (node `n-y`) makes `y` again"),
        Arguments.of(
            graph(step("Neg", "y", "x"), step("Neg", "x", "y")),
            "`ai.onnx.Neg` (node `n-x`) makes `x` again"),
        Arguments.of(
            sum(weight(FLOAT, 2, 8)).message(1, step("Abs", "w", "x")),
            "`ai.onnx.Abs` (node `n-w`) makes `w` again"),
        Arguments.of(
            graph(step("Neg", "y", "a"), step("Add", "a", "x", "b"), step("Neg", "b", "a")),
            "`ai.onnx.Add` (node `n-a`) needs its own result"),
        Arguments.of(
            graph(step("Add", "y", "x", "y")), "`ai.onnx.Add` (node `n-y`) needs its own result"),
        Arguments.of(
            graph(choice("z", step("Neg", "z", "y"))),
            "`ai.onnx.If` (node `n-y`) needs its own result"),
        Arguments.of(
            graph(choice("z", step("Neg", "z", "gone"))),
            "`ai.onnx.If` (node `n-y`) takes `gone`, which nothing makes"),
        Arguments.of(
            graph(choice("z", step("Neg", "z", "t"), step("Neg", "t", "x"))),
            "in a graph inside a node: `ai.onnx.Neg` (node `n-z`) takes `t` before it is made"),
        Arguments.of(graph(choice("x")), "in a graph inside a node: nothing makes its output `x`"),
        Arguments.of(
            sum(weight(FLOAT, 2, 4)), "the weight `w` has 4 bytes and its shape [2] asks for 8"),
        Arguments.of(
            sum(weight(FLOAT, 2, 16)), "the weight `w` has 16 bytes and its shape [2] asks for 8"),
        Arguments.of(
            sum(new OnnxFile().number(1, 1L << 40).number(2, FLOAT).text(8, "w")),
            "the weight `w` has 0 bytes and its shape [1099511627776] asks for 4398046511104"),
        Arguments.of(sum(weight(FLOAT, -2, 8)), "the weight `w` has the shape [-2]"),
        Arguments.of(sum(weight(99, 2, 8)), "the weight `w` has elements of type datatype 99"));
  }

  @ParameterizedTest
  @MethodSource("broken")
  void isRefusedByTheReaderAndTheEngine(OnnxFile graph, String why) throws Exception {
    assertThat(objections(graph)).containsExactly(why);
    assertThat(engineOpens()).isFalse();
  }

  static Stream<OnnxFile> whole() {
    return Stream.of(
        graph(step("Neg", "y", "t"), step("Neg", "t", "x")),
        graph(choice("z", step("Neg", "t", "x"), step("Neg", "z", "t"))),
        graph(step("Neg", "t", "x"), choice("z", step("Neg", "z", "t"))),
        graph(step("Clip", "y", "x", "", "")),
        graph(step("Identity", "y", "x")).message(12, tensor("x", FLOAT, 2)),
        sum(weight(FLOAT, 2, 8)).message(5, weight(FLOAT, 2, 8)),
        sum(weight(FLOAT, 2, 8)).message(12, tensor("w", FLOAT, 2)),
        sum(new OnnxFile().number(1, 0).number(2, FLOAT).text(8, "unused"))
            .message(5, weight(FLOAT, 2, 8)));
  }

  @ParameterizedTest
  @MethodSource("whole")
  void isTakenByTheReaderAndTheEngine(OnnxFile graph) throws Exception {
    assertThat(objections(graph)).isEmpty();
    assertThat(engineOpens()).isTrue();
  }

  /// A constant is a weight to the engine, which takes two of one name; exporters write such.
  @Test
  void constantsOfOneNameAreTaken() throws Exception {
    OnnxFile constant =
        new OnnxFile()
            .text(2, "w")
            .text(4, "Constant")
            .message(
                5, new OnnxFile().text(1, "value").message(5, weight(FLOAT, 2, 8)).number(20, 4));
    assertThat(objections(graph(constant, constant, step("Add", "y", "x", "w")))).isEmpty();
    assertThat(engineOpens()).isTrue();
  }

  @Test
  void functionsAreLookedAtWhereTheyAreUsed() throws Exception {
    OnnxFile torn = OnnxFile.function("Torn", step("Neg", "y", "gone"));
    OnnxFile call = node("Torn", "own", List.of("x"), "y");

    assertThat(objections(graph(call), torn))
        .containsExactly(
            "in its function `own.Torn`: `ai.onnx.Neg` (node `n-y`) takes `gone`, which nothing"
                + " makes");
    assertThat(engineOpens()).isFalse();

    assertThat(objections(graph(step("Neg", "y", "x")), torn)).isEmpty();
    assertThat(engineOpens()).isTrue();
  }
}
