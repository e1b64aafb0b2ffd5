package dev.mlo.backend.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.backend.ModelException;
import dev.mlo.backend.Session;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Tensor;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Models that no build would have let pass, as they lie in an image that somebody changed.
@Timeout(30)
class TamperedModelTest {
  @TempDir Path root;

  private Path directory() throws Exception {
    Files.write(root.resolve("secret"), new byte[64]);
    Path directory = Files.createDirectories(root.resolve("model"));
    Files.write(directory.resolve("weights"), new byte[64]);
    Files.write(directory.resolve("short"), new byte[63]);
    if (Files.notExists(directory.resolve("link"))) {
      Files.createSymbolicLink(directory.resolve("link"), root.resolve("secret"));
      Files.createDirectories(directory.resolve("*/_ORT_MEM_ADDR_"));
      Files.write(directory.resolve("*/_ORT_MEM_ADDR_/*"), new byte[64]);
    }
    return directory;
  }

  private String refusal(OnnxFile graph, OnnxFile... functions) throws Exception {
    Path directory = directory();
    OnnxFile.write(directory, graph, functions);
    var message = new StringBuilder();
    assertThatThrownBy(() -> new OnnxBackend().open(directory, "model.onnx", 1).close())
        .isInstanceOf(ModelException.class)
        .satisfies(e -> message.append(e.getMessage()));
    assertThat(message.toString()).startsWith("model.onnx").doesNotContain("\n");
    return message.toString();
  }

  private static OnnxFile sum(OnnxFile weight) {
    return new OnnxFile()
        .message(1, OnnxFile.node("Add", "", List.of("x", "w"), "y"))
        .message(5, weight)
        .message(11, OnnxFile.tensor("x", OnnxFile.FLOAT, 16))
        .message(12, OnnxFile.tensor("y", OnnxFile.FLOAT, 16));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "../secret|0|64|is not inside the model's directory",
        "weights/../../secret|0|64|is not inside the model's directory",
        "/etc/passwd|0|64|is not inside the model's directory",
        "link|0|64|the link leads out of the model's directory",
        ".|0|64|is not inside the model's directory",
        "gone|0|64|there is no such file",
        "*/_ORT_MEM_ADDR_/*|0|64|a place in the engine's memory",
        "*/_ORT_NATIVE_ENDIAN_MEM_ADDR_/*|0|64|a place in the engine's memory",
        "short|0|64|64 bytes from byte 0 on are asked for and the file has 63",
        "weights|1|64|64 bytes from byte 1 on are asked for and the file has 64",
        "weights|9223372036854775807|64|and the file has 64",
        "weights|0|9223372036854775807|and the file has 64",
        "weights|-1|64|the offset of a tensor's external data is `-1`",
        "weights|0|-64|the length of a tensor's external data is `-64`",
        "weights|0x0|64|the offset of a tensor's external data is `0x0`",
        "weights|99999999999999999999|64|the offset of a tensor's external data",
        "weights|0|63|63 bytes are given and the tensor has 64",
      })
  void weightsElsewhereAreNotRead(String location, String offset, String length, String why)
      throws Exception {
    OnnxFile weight =
        OnnxFile.external("w", "location", location, "offset", offset, "length", length);
    assertThat(refusal(sum(weight))).contains(why);
  }

  @Test
  void weightsInsideAreRead() throws Exception {
    Path directory = directory();
    OnnxFile weight = OnnxFile.external("w", "location", "weights", "offset", "0", "length", "64");
    OnnxFile.write(directory, sum(weight));
    try (Session session = new OnnxBackend().open(directory, "model.onnx", 1)) {
      var x = new Tensor.Numbers("x", DataType.FP32, Shape.of(16), ByteBuffer.allocate(64));
      assertThat(session.infer(List.of(x), List.of())).hasSize(1);
    }
  }

  /// The last place counts, as it does for the engine.
  @Test
  void theLastOfSeveralPlacesIsTheOneThatIsChecked() throws Exception {
    assertThat(refusal(sum(OnnxFile.external("w", "location", "weights", "location", "../secret"))))
        .contains("`../secret`");
  }

  /// Protobuf cuts an enumeration down to 32 bits.
  @Test
  void aPlaceBehindALongNumberIsChecked() throws Exception {
    OnnxFile weight = OnnxFile.external("w", "location", "../secret").number(14, (1L << 32) + 1);
    assertThat(refusal(sum(weight))).contains("`../secret`");
  }

  /// Protobuf merges the two into one with the place of the second.
  @Test
  void aTensorInTwoPartsIsRefused() throws Exception {
    OnnxFile first = OnnxFile.external("", "location", "weights");
    OnnxFile second =
        new OnnxFile().message(13, new OnnxFile().text(1, "location").text(2, "../secret"));
    OnnxFile constant =
        new OnnxFile()
            .text(2, "w")
            .text(4, "Constant")
            .message(5, new OnnxFile().text(1, "value").message(5, first).message(5, second));
    OnnxFile graph = OnnxFile.unary("Identity", "").message(1, constant);
    assertThat(refusal(graph)).contains("a message has its field 5 twice");
  }

  @ParameterizedTest
  @ValueSource(strings = {"then_branch", "else_branch"})
  void placesInsideBranchesAreChecked(String branch) throws Exception {
    OnnxFile inner = new OnnxFile().message(5, OnnxFile.external("w", "location", "../secret"));
    OnnxFile graph =
        OnnxFile.unary("Identity", "")
            .message(
                1,
                OnnxFile.node("If", "", List.of("x"), "z")
                    .message(5, OnnxFile.subgraph(branch, inner)));
    assertThat(refusal(graph)).contains("`../secret`");
  }

  @ParameterizedTest
  @CsvSource({
    "my.ops,Foo,the engine has no operator `my.ops.Foo` (node `n`)",
    "'',Foo,the engine has no operator `ai.onnx.Foo` (node `n`)",
    "com.microsoft,Foo,the engine has no operator `com.microsoft.Foo` (node `n`)",
    "ai.onnx.preview.training,Adam,the engine has no operator `ai.onnx.preview.training.Adam`",
    "'',Gelu,`ai.onnx.Gelu` (node `n`) came with operator set 20 and the model asks for 13",
    "'',Upsample,`ai.onnx.Upsample` (node `n`) ended with operator set 9 and the model asks for 13",
  })
  void operatorsTheEngineLacksAreNamed(String domain, String operator, String why)
      throws Exception {
    OnnxFile graph =
        new OnnxFile()
            .message(1, OnnxFile.node(operator, domain, List.of("x"), "y").text(3, "n"))
            .message(11, OnnxFile.tensor("x", OnnxFile.FLOAT, -1))
            .message(12, OnnxFile.tensor("y", OnnxFile.FLOAT, -1));
    assertThat(refusal(graph)).contains(why);
  }

  @Test
  void theEnginesOwnOperatorsAndTheModelsFunctionsAreTaken() throws Exception {
    Path directory = directory();
    OnnxFile.write(directory, OnnxFile.unary("Gelu", "com.microsoft"));
    new OnnxBackend().open(directory, "model.onnx", 1).close();

    OnnxFile twice =
        OnnxFile.function(
            "Twice",
            OnnxFile.node("Neg", "", List.of("x"), "t"),
            OnnxFile.node("Neg", "", List.of("t"), "y"));
    OnnxFile.write(directory, OnnxFile.unary("Twice", "own"), twice);
    new OnnxBackend().open(directory, "model.onnx", 1).close();
  }

  private static OnnxFile calling(String name, String next) {
    return OnnxFile.function(
        name,
        OnnxFile.node(next, "own", List.of("x"), "t"),
        OnnxFile.node(next, "own", List.of("t"), "y"));
  }

  @Test
  void functionsWithoutEndAreRefused() throws Exception {
    assertThat(refusal(OnnxFile.unary("A", "own"), calling("A", "B"), calling("B", "A")))
        .contains("its function `own.A` calls itself");
  }

  /// The engine would unfold them to 2^40 nodes.
  @Test
  void functionsThatDoubleAreRefused() throws Exception {
    var functions = new OnnxFile[41];
    for (int i = 0; i < 40; i++) {
      functions[i] = calling("F" + i, "F" + (i + 1));
    }
    functions[40] = OnnxFile.function("F40", OnnxFile.node("Neg", "", List.of("x"), "y"));
    assertThat(refusal(OnnxFile.unary("F0", "own"), functions))
        .contains("its functions unfold to more than a hundred thousand nodes");
  }

  @Test
  void branchesTenThousandDeepAreRefused() throws Exception {
    OnnxFile graph = new OnnxFile();
    for (int i = 0; i < 10_000; i++) {
      graph =
          new OnnxFile()
              .message(
                  1,
                  new OnnxFile().text(4, "If").message(5, OnnxFile.subgraph("then_branch", graph)));
    }
    assertThat(refusal(graph)).contains("messages are nested deeper than 100");
  }

  @ParameterizedTest
  @CsvSource({
    "14,complex64",
    "15,complex128",
    "16,bfloat16",
    "17,float8e4m3fn",
    "19,float8e5m2",
    "21,uint4",
    "22,int4",
  })
  void datatypesTheProtocolLacksAreNamed(int element, String name) throws Exception {
    assertThat(refusal(OnnxFile.identity(element)))
        .contains("input `x` has elements of type " + name);
  }

  @Test
  void theEnginesOwnFormatIsNotRead() throws Exception {
    Path directory = directory();
    byte[] bytes = new byte[64];
    System.arraycopy(new byte[] {'O', 'R', 'T', 'M'}, 0, bytes, 4, 4);
    bytes[0] = 32;
    for (String name : List.of("model.onnx", "model.ort")) {
      Files.write(directory.resolve(name), bytes);
      assertThatThrownBy(() -> new OnnxBackend().open(directory, name, 1))
          .isInstanceOf(ModelException.class)
          .hasMessageStartingWith(name + " is not an ONNX model");
    }
  }

  @Test
  void aPipeIsNotWaitedFor() throws Exception {
    Path directory = directory();
    Process made = new ProcessBuilder("mkfifo", directory.resolve("pipe").toString()).start();
    assertThat(made.waitFor()).isZero();
    assertThatThrownBy(() -> new OnnxBackend().open(directory, "pipe", 1))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("is no file");
  }
}
