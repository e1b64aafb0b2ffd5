package dev.mlo.cli.model;

import static dev.mlo.cli.model.OnnxBytes.FLOAT;
import static dev.mlo.cli.model.OnnxBytes.INT64;
import static dev.mlo.cli.model.OnnxBytes.STRING;
import static dev.mlo.cli.model.OnnxBytes.entry;
import static dev.mlo.cli.model.OnnxBytes.external;
import static dev.mlo.cli.model.OnnxBytes.graph;
import static dev.mlo.cli.model.OnnxBytes.identity;
import static dev.mlo.cli.model.OnnxBytes.identityGraph;
import static dev.mlo.cli.model.OnnxBytes.input;
import static dev.mlo.cli.model.OnnxBytes.join;
import static dev.mlo.cli.model.OnnxBytes.message;
import static dev.mlo.cli.model.OnnxBytes.model;
import static dev.mlo.cli.model.OnnxBytes.node;
import static dev.mlo.cli.model.OnnxBytes.number;
import static dev.mlo.cli.model.OnnxBytes.operatorSet;
import static dev.mlo.cli.model.OnnxBytes.output;
import static dev.mlo.cli.model.OnnxBytes.source;
import static dev.mlo.cli.model.OnnxBytes.tensorType;
import static dev.mlo.cli.model.OnnxBytes.text;
import static dev.mlo.cli.model.OnnxBytes.varint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Shape;
import dev.mlo.contract.TensorSpec;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelReaderTest {
  @TempDir Path directory;

  private Path write(byte[]... parts) throws IOException {
    return Files.write(directory.resolve("model.onnx"), join(parts));
  }

  private ModelDescription read(byte[]... parts) throws IOException {
    return ModelReader.read(write(parts));
  }

  private Failure refusal(byte[]... parts) throws IOException {
    return refusal(write(parts));
  }

  private static Failure refusal(Path entry) {
    Failure failure = catchThrowableOfType(Failure.class, () -> ModelReader.read(entry));
    assertThat(failure).isNotNull();
    assertThat(failure.code()).isEqualTo(ExitCode.MANIFEST);
    return failure;
  }

  @Test
  void inputsAndOutputsAreReadWithNamedDimensionsOpen() throws IOException {
    ModelDescription description = read(identity());

    assertThat(description.format()).isEqualTo("onnx");
    assertThat(description.platformName()).isEqualTo("onnx_onnxv1");
    assertThat(description.signature().inputs())
        .containsExactly(new TensorSpec("x", DataType.FP32, Shape.of(-1, 2)));
    assertThat(description.signature().outputs())
        .containsExactly(new TensorSpec("y", DataType.FP32, Shape.of(-1, 2)));
    assertThat(description.operatorSets()).isEqualTo(Map.of("ai.onnx", 13L));
    assertThat(description.externalFiles()).isEmpty();
    assertThat(description.notes()).isEmpty();
  }

  @Test
  void weightsAmongTheInputsAreNoInputs() throws IOException {
    byte[] weight =
        message(5, number(1, 2), number(2, FLOAT), text(8, "w"), message(9, new byte[8]));

    ModelDescription description =
        read(model(identityGraph(input("w", tensorType(FLOAT, 2)), weight), operatorSet("", 13)));

    assertThat(description.signature().inputs()).extracting(TensorSpec::name).containsExactly("x");
  }

  @ParameterizedTest
  @CsvSource({
    "1,FP32",
    "2,UINT8",
    "3,INT8",
    "4,UINT16",
    "5,INT16",
    "6,INT32",
    "7,INT64",
    "8,BYTES",
    "9,BOOL",
    "10,FP16",
    "11,FP64",
    "12,UINT32",
    "13,UINT64"
  })
  void everyDatatypeOfTheProtocolIsTaken(int element, DataType datatype) throws IOException {
    ModelDescription description =
        read(
            model(
                graph(
                    source("y"), input("x", tensorType(element)), output("y", tensorType(element))),
                operatorSet("", 13)));

    assertThat(description.signature().input("x"))
        .contains(new TensorSpec("x", datatype, Shape.of()));
  }

  @ParameterizedTest
  @CsvSource({
    "0,undefined",
    "14,complex64",
    "16,bfloat16",
    "17,float8e4m3fn",
    "22,int4",
    "99,datatype 99"
  })
  void otherDatatypesAreRefusedByName(int element, String name) throws IOException {
    Failure failure =
        refusal(
            model(
                graph(
                    source("y"),
                    input("x", tensorType(element, 2)),
                    output("y", tensorType(FLOAT, 2))),
                operatorSet("", 13)));

    assertThat(failure.why())
        .containsExactly(
            "input `x` has elements of type "
                + name
                + ", which the inference protocol does not have");
  }

  @Test
  void sequencesMapsAndOptionalsAreRefusedByName() throws IOException {
    byte[] tensor = tensorType(FLOAT, 2);
    byte[] sequence = message(4, message(1, tensor));
    byte[] map = message(5, number(1, STRING), message(2, tensor));
    byte[] optional = message(9, message(1, tensor));

    Failure failure =
        refusal(
            model(
                graph(
                    source("b"),
                    source("c"),
                    input("a", sequence),
                    output("b", map),
                    output("c", optional)),
                operatorSet("", 13)));

    assertThat(failure.why())
        .containsExactly(
            "input `a` is seq(tensor(float)); only tensors can be served",
            "output `b` is map(string,tensor(float)); only tensors can be served",
            "output `c` is optional(tensor(float)); only tensors can be served");
  }

  @Test
  void aListOfLabelledNumbersIsServedAsOneColumnALabel() throws IOException {
    byte[] labels =
        message(5, text(1, "classlabels_strings"), text(9, "dog"), text(9, "cat"), number(20, 8));
    byte[] zipMap =
        message(1, text(1, "x"), text(2, "z"), text(4, "ZipMap"), labels, text(7, "ai.onnx.ml"));
    byte[] maps =
        message(4, message(1, message(5, number(1, STRING), message(2, tensorType(FLOAT)))));

    ModelDescription description =
        read(
            model(
                graph(zipMap, input("x", tensorType(FLOAT, -1, 4)), output("z", maps)),
                operatorSet("ai.onnx.ml", 1)));

    assertThat(description.signature().outputs())
        .containsExactly(new TensorSpec("z", DataType.FP32, Shape.of(-1, 2)));
    assertThat(description.notes())
        .containsExactly(
            "output `z` is a list of maps; it is served as a tensor with a column for each label in"
                + " ascending order: cat, dog");
  }

  @Test
  void labelsThatAreNotInTheFileLeaveTheColumnsOpen() throws IOException {
    byte[] maps =
        message(4, message(1, message(5, number(1, INT64), message(2, tensorType(FLOAT)))));

    ModelDescription description =
        read(
            model(
                graph(source("z"), input("x", tensorType(FLOAT, -1, 4)), output("z", maps)),
                operatorSet("", 13)));

    assertThat(description.signature().outputs())
        .containsExactly(new TensorSpec("z", DataType.FP32, Shape.of(-1, -1)));
  }

  @Test
  void anUnknownRankIsSaid() throws IOException {
    ModelDescription description =
        read(
            model(
                graph(
                    source("y"),
                    input("x", message(1, number(1, FLOAT))),
                    output("y", tensorType(FLOAT, 1))),
                operatorSet("", 13)));

    assertThat(description.unranked()).containsExactly("x");
    assertThat(description.notes())
        .containsExactly("input `x` does not say how many dimensions it has; [-1] is assumed");
  }

  @ParameterizedTest
  @CsvSource({"'',26", "ai.onnx,26", "ai.onnx.ml,5", "com.microsoft,1", "my.own,77"})
  void theNewestOperatorSetsAreTaken(String domain, long version) {
    assertThatCode(() -> read(model(identityGraph(), operatorSet(domain, version))))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({"'',27,ai.onnx,26", "ai.onnx.ml,6,ai.onnx.ml,5", "'',0,ai.onnx,26"})
  void otherOperatorSetsAreRefused(String domain, long version, String name, long newest)
      throws IOException {
    assertThat(refusal(model(identityGraph(), operatorSet(domain, version))).why())
        .containsExactly(
            "the model asks for operator set %d of `%s`; the engine has 1 to %d"
                .formatted(version, name, newest));
  }

  @Test
  void aNewerFormatVersionIsRefused() throws IOException {
    assertThat(refusal(number(1, 14), identityGraph(), operatorSet("", 13)).why())
        .containsExactly("the file has ONNX's format version 14; the engine reads 1 to 13");
  }

  @Test
  void anOldOperatorSetIsNoted() throws IOException {
    assertThat(read(model(identityGraph(), operatorSet("", 6))).notes())
        .containsExactly(
            "operator set 6 is older than the engine promises to support (7); test it well");
  }

  @Test
  void customOperatorsAreRefusedByNameWhereverTheyAre() throws IOException {
    byte[] branch = message(5, text(1, "then_branch"), message(6, node("inner.ops", "Deep")));
    byte[] function =
        message(25, text(1, "F"), node(7, "function.ops", "Bar"), text(10, "my.functions"));

    Failure failure =
        refusal(
            model(
                identityGraph(node("my.ops", "Foo"), node("", "If", branch)),
                operatorSet("", 13),
                function));

    assertThat(failure.what()).endsWith("cannot be served");
    assertThat(failure.why())
        .containsExactly(
            "the engine has no operator `my.ops.Foo` (node `node-1`)",
            "the engine has no operator `inner.ops.Deep` (node `node-1`)",
            "the engine has no operator `function.ops.Bar` (node `node-1`)");
  }

  @ParameterizedTest
  @CsvSource({
    "'',Foo,the engine has no operator `ai.onnx.Foo` (node `node-1`)",
    "com.microsoft,Foo,the engine has no operator `com.microsoft.Foo` (node `node-1`)",
    "ai.onnx.preview.training,Adam,the engine has no operator `ai.onnx.preview.training.Adam` (node"
        + " `node-1`)",
    "'',Gelu,`ai.onnx.Gelu` (node `node-1`) came with operator set 20 and the model asks for 13",
  })
  void operatorsThatAKnownDomainLacksAreRefusedToo(String domain, String type, String why)
      throws IOException {
    assertThat(refusal(model(identityGraph(node(domain, type)), operatorSet("", 13))).why())
        .containsExactly(why);
  }

  /// A converter leaves them in a file that was trained on; the engine does not look at them.
  @Test
  void whatIsThereForTrainingOnlyIsNoObstacle() {
    byte[] training = message(20, message(2, node("ai.onnx.preview.training", "Adam")));

    assertThatCode(() -> read(model(identityGraph(), operatorSet("", 13), training)))
        .doesNotThrowAnyException();
  }

  @Test
  void functionsWithoutEndAreRefused() throws IOException {
    byte[] function =
        message(25, text(1, "Foo"), text(4, "x"), node(7, "my.ops", "Foo"), text(10, "my.ops"));

    assertThat(
            refusal(model(identityGraph(node("my.ops", "Foo")), operatorSet("", 13), function))
                .why())
        .containsExactly("its function `my.ops.Foo` calls itself");
  }

  @Test
  void operatorsThatTheModelDefinesItselfAreTaken() {
    byte[] function =
        message(25, text(1, "Foo"), text(4, "x"), node(7, "", "Identity"), text(10, "my.ops"));

    assertThatCode(
            () -> read(model(identityGraph(node("my.ops", "Foo")), operatorSet("", 13), function)))
        .doesNotThrowAnyException();
  }

  @Test
  void externalFilesAreListedOnce() throws IOException {
    Files.createDirectories(directory.resolve("weights"));
    Files.write(directory.resolve("weights/a.bin"), new byte[16]);
    Files.write(directory.resolve("b.bin"), new byte[8]);

    ModelDescription description =
        read(
            model(
                identityGraph(
                    external("w1", "weights/a.bin", entry("offset", "8"), entry("length", "8")),
                    external("w2", "./weights/a.bin"),
                    external("w3", "b.bin")),
                operatorSet("", 13)));

    assertThat(description.externalFiles()).containsExactly("b.bin", "weights/a.bin");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gone.bin|there is no such file",
        "../up.bin|the path is not inside the model's directory",
        "a/../../up.bin|the path is not inside the model's directory",
        "/etc/hostname|the path is not inside the model's directory",
        "''|the path is not inside the model's directory",
        "*/_ORT_MEM_ADDR_/*|this is no file but a place in the engine's memory",
        "link.bin|the link leads out of the model's directory",
        "folder|this is no file",
        "short.bin|8 bytes from byte 0 on are asked for and the file has 4",
      })
  void externalDataThatIsNotThereOrNotInsideIsRefused(String location, String reason)
      throws IOException {
    Path model = Files.createDirectories(directory.resolve("model"));
    Files.write(directory.resolve("up.bin"), new byte[8]);
    Files.write(model.resolve("short.bin"), new byte[4]);
    Files.createDirectories(model.resolve("folder"));
    Files.createSymbolicLink(model.resolve("link.bin"), directory.resolve("up.bin"));
    Path entry =
        Files.write(
            model.resolve("model.onnx"),
            model(identityGraph(external("w", location)), operatorSet("", 13)));

    Failure failure = refusal(entry);

    assertThat(failure.what()).isEqualTo("the weights of `%s` cannot be packaged".formatted(entry));
    assertThat(failure.why()).containsExactly("`%s` (tensor `w`): %s".formatted(location, reason));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "offset=12|8 bytes from byte 12 on are asked for and the file has 16",
        "offset=9223372036854775807|8 bytes from byte 9223372036854775807 on are asked" + " for",
        "length=4|4 bytes are given and the tensor has 8",
      })
  void externalDataBeyondTheFilesEndIsRefused(String entry, String reason) throws IOException {
    Files.write(directory.resolve("w.bin"), new byte[16]);
    String[] parts = entry.split("=", -1);

    Failure failure =
        refusal(
            model(
                identityGraph(external("w", "w.bin", entry(parts[0], parts[1]))),
                operatorSet("", 13)));

    assertThat(failure.why().getFirst()).contains(reason);
  }

  @Test
  void externalDataInsideAConstantIsFoundToo() throws IOException {
    byte[] tensor = message(5, number(2, FLOAT), entry("location", "../../secret"), number(14, 1));
    byte[] constant = node("", "Constant", message(5, text(1, "value"), tensor));

    assertThat(refusal(model(identityGraph(constant), operatorSet("", 13))).why())
        .containsExactly(
            "`../../secret` (tensor ``): the path is not inside the model's directory");
  }

  @Test
  void aFileCutOffAnywhereIsRefused() throws IOException {
    byte[] whole = model(operatorSet("", 13), identityGraph());

    for (int length = 0; length < whole.length; length++) {
      Path entry = write(Arrays.copyOf(whole, length));
      assertThat(refusal(entry).what()).as("cut off at %d", length).contains("the model `");
    }
  }

  @Test
  void aCutOffFileSaysWhere() throws IOException {
    byte[] whole = identity();

    Failure failure = refusal(Arrays.copyOf(whole, 40));

    assertThat(failure.what()).endsWith("is cut off, or not an ONNX model");
    assertThat(failure.why())
        .containsExactly("at byte 2: a field of 73 bytes starts there and 36 bytes follow");
    assertThat(failure.hint()).isEqualTo("copy or download the file again and compare its size");
  }

  @Test
  void randomBytesNeverDoAnythingButGetRefused() throws IOException {
    var random = new Random(7);
    for (int round = 0; round < 500; round++) {
      byte[] bytes = identity();
      for (int flips = 0; flips <= round % 8; flips++) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      Path entry = write(bytes);
      assertThatCode(() -> readOrRefuse(entry)).doesNotThrowAnyException();
    }
  }

  private static void readOrRefuse(Path entry) {
    try {
      ModelReader.read(entry);
    } catch (Failure refused) {
      assertThat(refused.code()).isEqualTo(ExitCode.MANIFEST);
    }
  }

  @Test
  void deepNestingIsRefusedBeforeTheStackEnds() throws IOException {
    byte[] type = tensorType(FLOAT, 1);
    for (int depth = 0; depth < 5000; depth++) {
      type = message(4, message(1, type));
    }

    Failure failure = refusal(model(graph(input("x", type)), operatorSet("", 13)));

    assertThat(failure.why().getFirst()).contains("messages are nested deeper than 100");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "version https://git-lfs.github.com/spec/v1|it is a Git LFS pointer, not the model"
            + " itself|git lfs pull",
        "<!DOCTYPE html>|it is a web page|download the file itself, not the page about it",
        "{\"a\":1}|it is a JSON document|export the model to ONNX or PMML",
        "xxxxORTM|it is a model in ONNX Runtime's own format|package the .onnx file it was made"
            + " from",
      })
  void filesOfAnotherKindAreNamed(String start, String why, String hint) throws IOException {
    Failure failure = refusal(start.getBytes(StandardCharsets.UTF_8));

    assertThat(failure.what()).endsWith("is not an ONNX model");
    assertThat(failure.why()).containsExactly(why);
    assertThat(failure.hint()).isEqualTo(hint);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PK\u0003\u0004", "\u001f\u008b", "\u0089HDF", "\u0080\u0004"})
  void archivesAreNotTakenForModels(String start) throws IOException {
    assertThat(refusal(start.getBytes(StandardCharsets.ISO_8859_1)).what())
        .endsWith("is not an ONNX model");
  }

  @Test
  void whatIsNoFileIsRefusedWithoutBeingOpened() throws Exception {
    Path pipe = directory.resolve("pipe.onnx");
    Process made = new ProcessBuilder("mkfifo", pipe.toString()).start();
    assertThat(made.waitFor()).isZero();
    Path empty = Files.createFile(directory.resolve("empty.onnx"));

    assertThat(refusal(pipe).what()).endsWith("is a pipe, a socket or a device, not a model file");
    assertThat(refusal(empty).what()).endsWith("is empty");
    assertThat(refusal(directory).what()).endsWith("is a directory, not a model file");
    assertThat(refusal(directory.resolve("gone.onnx")).what()).endsWith("does not exist");
  }

  @Test
  void weightsArePassedOverNotRead() throws IOException {
    long weights = 1L << 30;
    byte[] before = join(number(1, 1L << 28), number(2, FLOAT), text(8, "w"));
    long tensor = before.length + 1 + varint(weights).length + weights;
    byte[] head =
        join(varint(5 << 3 | 2), varint(tensor), before, varint(9 << 3 | 2), varint(weights));
    byte[] rest =
        join(
            source("y"),
            text(2, "g"),
            input("x", tensorType(FLOAT, 1)),
            output("y", tensorType(FLOAT, 1)));
    Path entry = directory.resolve("big.onnx");
    try (var file = new RandomAccessFile(entry.toFile(), "rw")) {
      file.write(
          join(number(1, 8), varint(7 << 3 | 2), varint(head.length + weights + rest.length)));
      file.write(head);
      file.seek(file.getFilePointer() + weights);
      file.write(join(rest, operatorSet("", 13)));
    }

    long start = System.nanoTime();
    ModelDescription description = ModelReader.read(entry);

    assertThat(description.signature().inputs()).hasSize(1);
    assertThat((System.nanoTime() - start) / 1_000_000).as("milliseconds").isLessThan(500);
  }

  @ParameterizedTest
  @ValueSource(strings = {"iris/1.0.0", "iris/2.0.0", "digits"})
  void theExamplesCanBeRead(String example) {
    Path root = Files.isDirectory(Path.of("examples")) ? Path.of(".") : Path.of("..");

    ModelDescription description =
        ModelReader.read(root.resolve("examples").resolve(example).resolve("model.onnx"));

    assertThat(description.signature().outputs()).hasSize(2);
  }
}
