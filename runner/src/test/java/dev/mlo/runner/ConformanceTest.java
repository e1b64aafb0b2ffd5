package dev.mlo.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.mlo.backend.Session;
import dev.mlo.backend.onnx.OnnxBackend;
import dev.mlo.backend.onnx.OnnxFile;
import dev.mlo.backend.onnx.ReferenceModels;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Golden;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Signature;
import dev.mlo.contract.Tensor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The same answer in every form of the protocol, from the real engine.
class ConformanceTest {
  private static final double TOLERANCE = 1e-5;

  @TempDir Path root;

  /// The number of `TensorProto.DataType`.
  private static int elementType(DataType type) {
    return switch (type) {
      case FP32 -> 1;
      case UINT8 -> 2;
      case INT8 -> 3;
      case UINT16 -> 4;
      case INT16 -> 5;
      case INT32 -> 6;
      case INT64 -> 7;
      case BYTES -> 8;
      case BOOL -> 9;
      case FP16 -> 10;
      case FP64 -> 11;
      case UINT32 -> 12;
      case UINT64 -> 13;
    };
  }

  /// The edges of a datatype, as little-endian bytes.
  private static String edges(DataType type) {
    return switch (type) {
      case BOOL -> "00 01 01";
      case UINT8, INT8 -> "00 7f 80 ff";
      case UINT16, INT16 -> "0000 ff7f 0080 ffff";
      case UINT32, INT32 -> "00000000 ffffff7f 00000080 ffffffff";
      case UINT64, INT64 ->
          "0000000000000000 ffffffffffffff7f 0000000000000080 ffffffffffffffff 0100000000002000";
      // 0, -0, the least, the largest
      case FP16 -> "0000 0080 0100 ff7b";
      case FP32 -> "00000000 00000080 01000000 ffff7f7f";
      case FP64 -> "0000000000000000 0000000000000080 0100000000000000 ffffffffffffef7f";
      case BYTES -> "";
    };
  }

  /// NaN with a payload and both infinities.
  private static String notFinite(DataType type) {
    return switch (type) {
      case FP16 -> "017e 007c 00fc";
      case FP32 -> "0100c07f 0000807f 000080ff";
      case FP64 -> "010000000000f87f 000000000000f07f 000000000000f0ff";
      case BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, BYTES -> "";
    };
  }

  private static Tensor tensor(DataType type, String hex) {
    if (type == DataType.BYTES) {
      return new Tensor.Strings(
          "x",
          Shape.of(4),
          List.of(
              new byte[0],
              "a\0b".getBytes(StandardCharsets.UTF_8),
              "😀 ünï \"\\\n".getBytes(StandardCharsets.UTF_8),
              "x".repeat(70_000).getBytes(StandardCharsets.UTF_8)));
    }
    byte[] bytes = HexFormat.of().parseHex(hex.replace(" ", ""));
    ByteBuffer data = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return new Tensor.Numbers("x", type, Shape.of(bytes.length / type.width()), data);
  }

  @ParameterizedTest
  @EnumSource(DataType.class)
  void carriesEveryDatatypeToTheLastBit(DataType type) throws Exception {
    Path model = Files.createDirectory(root.resolve("model"));
    OnnxFile.write(model, OnnxFile.identity(elementType(type)));
    try (Fixture runner = new Fixture(root, ModelImage.bare(model, "identity"), Map.of());
        Protocols protocols = new Protocols(runner, "identity")) {
      for (String hex : List.of(edges(type), notFinite(type))) {
        Tensor x = tensor(type, hex);
        for (Protocols.Form form : Protocols.Form.values()) {
          if (form.carries(List.of(x))) {
            Tensor y = protocols.ask(form, List.of(x)).getFirst();
            assertThat(y.shape()).as(form.toString()).isEqualTo(x.shape());
            assertThat(bits(y)).as(form.toString()).isEqualTo(bits(x));
          }
        }
      }
    }
  }

  private static List<String> bits(Tensor tensor) {
    return switch (tensor) {
      case Tensor.Strings strings ->
          strings.elements().stream().map(HexFormat.of()::formatHex).toList();
      case Tensor.Numbers numbers -> {
        byte[] bytes = new byte[numbers.data().remaining()];
        numbers.data().get(bytes);
        yield List.of(HexFormat.of().formatHex(bytes));
      }
    };
  }

  @TestFactory
  Stream<DynamicTest> everyReferenceModelAnswersTheSameByEveryProtocol() throws IOException {
    assumeTrue(Files.isDirectory(ReferenceModels.root()), "no reference models; set MLO_MODELS");
    return ReferenceModels.all().stream()
        .filter(model -> !model.name().contains("sequence_map_identity"))
        .map(model -> DynamicTest.dynamicTest(model.name(), () -> asksByEveryProtocol(model)));
  }

  private void asksByEveryProtocol(ReferenceModels model) throws Exception {
    Signature signature;
    try (Session session = new OnnxBackend().open(model.directory(), "model.onnx", 1)) {
      signature = session.signature();
    }
    Path place = root.resolve(model.name().replace('/', '-'));
    try (Fixture runner =
            new Fixture(place, ModelImage.bare(model.directory(), "reference"), Map.of());
        Protocols protocols = new Protocols(runner, "reference")) {
      for (ReferenceModels.Set set : model.sets(signature)) {
        for (Protocols.Form form : Protocols.Form.values()) {
          if (form.carries(set.inputs()) && form.carries(set.outputs())) {
            assertThat(
                    Golden.differences(set.outputs(), protocols.ask(form, set.inputs()), TOLERANCE))
                .as(form.toString())
                .isEmpty();
          }
        }
      }
    }
  }
}
