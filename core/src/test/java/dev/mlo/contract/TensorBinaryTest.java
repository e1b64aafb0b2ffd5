package dev.mlo.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TensorBinaryTest {
  private static InferenceRequest read(String json, String hex) throws MalformedException {
    byte[] header = json.getBytes(UTF_8);
    var body = new ByteArrayOutputStream();
    body.writeBytes(header);
    body.writeBytes(HexFormat.of().parseHex(hex.replace(" ", "")));
    return TensorBinary.request(body.toByteArray(), header.length);
  }

  private static String input(String name, String datatype, String shape, int size) {
    return "{\"name\":\"%s\",\"datatype\":\"%s\",\"shape\":%s,\"parameters\":{\"binary_data_size\":%d}}"
        .formatted(name, datatype, shape, size);
  }

  @Test
  void takesTheBytesOfOneTensorAfterTheOther() throws Exception {
    var request =
        read(
            "{\"inputs\":[%s,%s,{\"name\":\"c\",\"datatype\":\"INT8\",\"shape\":[1],\"data\":[7]}]}"
                .formatted(input("a", "UINT64", "[2]", 16), input("b", "BYTES", "[3]", 19)),
            "ffffffffffffffff 0100000000000000" + "00000000 03000000 610062 04000000 f09f9880");

    var a = (Tensor.Numbers) request.inputs().get(0);
    assertThat(a.data().getLong(0)).isEqualTo(-1L);
    assertThat(a.data().getLong(8)).isEqualTo(1L);
    var b = (Tensor.Strings) request.inputs().get(1);
    assertThat(b.elements())
        .containsExactly(new byte[0], new byte[] {'a', 0, 'b'}, "😀".getBytes(UTF_8));
    assertThat(request.inputs().get(2).datatype()).isEqualTo(DataType.INT8);
    assertThat(request.form()).isEqualTo(OutputForm.JSON);
  }

  @Test
  void keepsEveryBitOfFloatingNumbers() throws Exception {
    var request =
        read(
            "{\"inputs\":[%s]}".formatted(input("a", "FP64", "[4]", 32)),
            "0100000000000000 010000000000f87f 000000000000f0ff 0000000000000080");

    ByteBuffer data = ((Tensor.Numbers) request.inputs().getFirst()).data();
    assertThat(data.getDouble(0)).isEqualTo(Double.MIN_VALUE);
    assertThat(data.getLong(8)).isEqualTo(0x7ff8000000000001L);
    assertThat(data.getDouble(16)).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(Double.doubleToRawLongBits(data.getDouble(24))).isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void knowsWhichOutputsAreWantedAsBytes() throws Exception {
    String inputs = "\"inputs\":[" + input("a", "BOOL", "[1]", 1) + "]";

    assertThat(read("{\"parameters\":{\"binary_data_output\":true}," + inputs + "}", "01").form())
        .isEqualTo(OutputForm.BINARY);
    var mixed =
        read(
                "{\"parameters\":{\"binary_data_output\":true},"
                    + inputs
                    + ",\"outputs\":[{\"name\":\"x\",\"parameters\":{\"binary_data\":false}},{\"name\":\"y\"}]}",
                "00")
            .form();
    assertThat(mixed.isBinary("x")).isFalse();
    assertThat(mixed.isBinary("y")).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      textBlock =
          """
          FP32  | [2]                     | 8  | 00000000            | 8; the body has 4
          FP32  | [2]                     | 4  | 00000000            | takes 8
          FP32  | [1]                     | 4  | 0000000000          | 1 bytes after its last tensor
          FP32  | [4294967296,4294967296] | 4  | 00000000            | too large
          FP32  | [4294967296]            | 4  | 00000000            | more than fit
          FP32  | [-1]                    | 4  | 00000000            | length -1
          INT8  | [1]                     | -1 | 00                  | is -1
          BOOL  | [2]                     | 2  | 0102                | [1]` is 2
          BYTES | [1]                     | 3  | 010000              | ends within its length
          BYTES | [1]                     | 5  | ffffffff61          | says 4294967295 bytes where 1
          BYTES | [2]                     | 4  | 00000000            | has 1 elements
          BYTES | [1]                     | 8  | 0000000000000000    | after its 1 elements
          """)
  void refusesBytesThatAreNotWhatTheHeaderSays(
      String datatype, String shape, int size, String hex, String reason) {
    assertThatThrownBy(
            () -> read("{\"inputs\":[%s]}".formatted(input("a", datatype, shape, size)), hex))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\u0001',
      textBlock =
          """
          {"inputs":[{"name":"a","datatype":"INT8","shape":[1],"data":[1],"parameters":{"binary_data_size":1}}]} | both
          {"inputs":[{"name":"a","datatype":"INT8","shape":[1],"parameters":{"binary_data_size":"1"}}]}          | no integer
          {"inputs":[{"name":"a","datatype":"INT8","shape":[1],"parameters":{"binary_data_size":1.5}}]}          | no integer
          {"inputs":[],"outputs":[{"name":"y","parameters":{"binary_data":1}}]}                                  | neither true nor false
          {"inputs":[],"outputs":[{"name":"y","parameters":{"classification":3}}]}                               | not spoken
          {"inputs":[],"parameters":{"binary_data_output":"yes"}}                                                | neither true nor false
          """)
  void refusesHeadersThatContradictThemselves(String json, String reason) {
    assertThatThrownBy(() -> read(json, "01"))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void refusesAHeaderLongerThanTheBody() {
    assertThatThrownBy(() -> TensorBinary.request(new byte[3], 4))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("body has 3");
  }

  @Test
  void writesWhatAReaderOfTheExtensionReads() throws Exception {
    ByteBuffer floats = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    floats.putFloat(Float.NaN).putFloat(Float.POSITIVE_INFINITY).flip();
    var response =
        new InferenceResponse(
            "m",
            "1",
            "q",
            List.of(
                new Tensor.Numbers("x", DataType.FP32, Shape.of(2), floats),
                Tensor.Strings.of("s", Shape.of(1), List.of("a")),
                new Tensor.Numbers("j", DataType.INT8, Shape.of(1), ByteBuffer.wrap(new byte[1]))));

    var encoded = TensorBinary.write(response, new OutputForm(true, Map.of("j", false)));

    String json = new String(encoded.body().array(), 0, encoded.headerLength(), UTF_8);
    assertThat(json)
        .contains(
            "\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[2],\"parameters\":{\"binary_data_size\":8}}")
        .contains("\"parameters\":{\"binary_data_size\":5}}")
        .contains("\"name\":\"j\",\"datatype\":\"INT8\",\"shape\":[1],\"data\":[0]}");
    assertThat(
            HexFormat.of()
                .formatHex(
                    encoded.body().array(), encoded.headerLength(), encoded.body().array().length))
        .isEqualTo("0000c07f" + "0000807f" + "0100000061");
    assertThat(TensorBinary.write(response, OutputForm.JSON).isBinary()).isFalse();
  }

  /// Clients look for `data` in whatever is not said to have bytes.
  @Test
  void outputsWithoutElementsAreStillSentAsBytes() throws Exception {
    var nothing =
        new Tensor.Numbers("x", DataType.FP32, Shape.of(0, 2), ByteBuffer.wrap(new byte[0]));
    var response = new InferenceResponse("m", "1", null, List.of(nothing));

    var encoded = TensorBinary.write(response, OutputForm.BINARY);

    assertThat(encoded.isBinary()).isTrue();
    assertThat(encoded.headerLength()).isEqualTo(encoded.body().remaining());
    assertThat(TensorBinary.write(response, OutputForm.JSON).isBinary()).isFalse();
  }

  @Test
  void shapesABodyThatIsNothingButBytes() throws Exception {
    var spec = new TensorSpec("x", DataType.FP32, Shape.of(-1, 2));
    assertThat(raw(spec, 16).shape()).isEqualTo(Shape.of(2, 2));
    assertThat(raw(new TensorSpec("x", DataType.FP32, Shape.of(-1, -1)), 16).shape())
        .isEqualTo(Shape.of(1, 4));
    assertThatThrownBy(() -> raw(new TensorSpec("x", DataType.FP32, Shape.of(2, -1, -1)), 16))
        .isInstanceOf(MalformedException.class);
    assertThatThrownBy(() -> raw(spec, 15)).isInstanceOf(MalformedException.class);
    assertThat(raw(new TensorSpec("x", DataType.BYTES, Shape.of(-1)), 8).shape())
        .isEqualTo(Shape.of(2));
  }

  private static Tensor raw(TensorSpec input, int bytes) throws MalformedException {
    var signature = new Signature(List.of(input), List.of());
    return TensorBinary.raw(new byte[bytes], signature).inputs().getFirst();
  }
}
