package dev.mlo.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TensorJsonTest {
  private static InferenceRequest read(String json) throws MalformedException {
    return TensorJson.request(json.getBytes(UTF_8));
  }

  private static String one(String datatype, String shape, String data) {
    return """
    {"inputs":[{"name":"x","datatype":"%s","shape":%s,"data":%s}]}\
    """
        .formatted(datatype, shape, data);
  }

  /// What is written for what was read.
  private static String echo(String datatype, String shape, String data)
      throws MalformedException, IOException {
    var out = new ByteArrayOutputStream();
    TensorJson.write(
        new InferenceResponse("m", "1", null, read(one(datatype, shape, data)).inputs()), out);
    String json = out.toString(UTF_8);
    return json.substring(json.indexOf("\"data\":") + 7, json.lastIndexOf("}]}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "BOOL|[2]|[true,false]",
        "UINT8|[2]|[0,255]",
        "UINT16|[2]|[0,65535]",
        "UINT32|[2]|[0,4294967295]",
        "UINT64|[2]|[0,18446744073709551615]",
        "INT8|[2]|[-128,127]",
        "INT16|[2]|[-32768,32767]",
        "INT32|[2]|[-2147483648,2147483647]",
        "INT64|[2]|[-9223372036854775808,9223372036854775807]",
        "FP16|[2]|[0.5,-2.0]",
        "FP32|[3]|[0.1,3.4028235E38,1.4E-45]",
        "FP64|[3]|[0.1,1.7976931348623157E308,4.9E-324]",
        "BYTES|[3]|[\"\",\"a\\u0000b\",\"\uD83D\uDE00\"]",
        "FP32|[]|[1.5]",
        "FP32|[2]|[-0.0,0.0]",
        "UINT64|[2]|[9223372036854775808,9223372036854775807]",
        "FP64|[2]|[9.007199254740992E15,1.0E22]",
        "FP32|[0,4]|[]",
      })
  void everyDatatypeComesBackExactly(String datatype, String shape, String data) throws Exception {
    assertThat(echo(datatype, shape, data)).isEqualTo(data);
  }

  @ParameterizedTest
  @CsvSource({
    "FP32,-0,-0.0",
    "FP64,-0,-0.0",
    "FP32,16777217,1.6777216E7",
    "FP32,9007199791611905,9.0072E15",
    "FP32,1.00000017881393432617187499,1.0000001",
    "FP32,0.500000029802322387695312500001,0.50000006",
    "FP64,123456789012345678901234567890,1.2345678901234568E29"
  })
  void numbersAreRoundedOnce(String datatype, String written, String read) throws Exception {
    assertThat(echo(datatype, "[1]", "[" + written + "]")).isEqualTo("[" + read + "]");
  }

  @Test
  void aScalarMayBeABareValue() throws Exception {
    assertThat(echo("INT64", "[]", "7")).isEqualTo("[7]");
  }

  @Test
  void dataBeforeItsShapeIsAsExactAsBehindIt() throws Exception {
    String body =
        """
        {"inputs":[{"data":[[1.00000017881393432617187499],[16777217]],"name":"x é",\
        "shape":[2,1],"parameters":{"a":[1]},"datatype":"FP32"},
        {"data":18446744073709551615,"name":"y","shape":[],"datatype":"UINT64"}]}\
        """;
    List<Tensor> inputs = read(body).inputs();

    assertThat(((Tensor.Numbers) inputs.get(0)).data().getFloat()).isEqualTo(1.0000001f);
    assertThat(((Tensor.Numbers) inputs.get(1)).data().getLong()).isEqualTo(-1);
  }

  @Test
  void anOptionalFieldMayBeNull() throws Exception {
    InferenceRequest request =
        read("{\"id\":null,\"parameters\":null,\"inputs\":[],\"outputs\":null}");

    assertThat(request).isEqualTo(new InferenceRequest(null, null, List.of(), List.of()));
  }

  /// In bytes such a shape is beyond a long, and what is left of it may be 0 or negative.
  @ParameterizedTest
  @CsvSource({
    "FP32,4611686018427387904",
    "FP32,6917529027641081856",
    "INT64,2305843009213693952",
    "FP64,1152921504606846976",
  })
  void aShapeBeyondMemoryIsRefusedHoweverMuchDataCame(String datatype, String length) {
    String data = "[" + "1,".repeat(1999) + "1]";

    assertThatThrownBy(() -> read(one(datatype, "[" + length + "]", data)))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("has 2000 elements; shape [" + length + "] says " + length);
  }

  @ParameterizedTest
  @ValueSource(strings = {"3", "\"x\"", "[]", "true"})
  void parametersAreAnObjectEverywhere(String parameters) {
    String tensor = "\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1],\"data\":[1]";
    String said = "\"parameters\":" + parameters;

    assertThatThrownBy(() -> read("{\"inputs\":[{" + tensor + "," + said + "}]}"))
        .hasMessage("`inputs[0].parameters` is no object");
    assertThatThrownBy(() ->
            read("{\"inputs\":[{" + tensor + "}],\"outputs\":[{\"name\":\"y\"," + said + "}]}"))
        .hasMessage("`outputs[0].parameters` is no object");
  }

  @Test
  void dataMayBeNestedAsTheShapeSays() throws Exception {
    assertThat(echo("INT32", "[2,2]", "[[1,2],[3,4]]")).isEqualTo("[1,2,3,4]");
  }

  @Test
  void dataMayComeBeforeItsShape() throws Exception {
    Tensor tensor =
        read("{\"inputs\":[{\"data\":[1,2],\"shape\":[2],\"name\":\"x\",\"datatype\":\"INT8\"}]}")
            .inputs()
            .getFirst();

    assertThat(tensor.shape()).isEqualTo(Shape.of(2));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "INT8|[1]|[128]|`inputs[0].data[0]` is 128",
        "INT32|[1]|[1.0]|`inputs[0].data[0]` is 1.0",
        "UINT8|[2]|[1,-1]|`inputs[0].data[1]` is -1",
        "UINT64|[1]|[18446744073709551616]|which is not an integer",
        "FP32|[1]|[\"1\"]|which is not a number",
        "FP32|[1]|[null]|which is not a number",
        "FP32|[1]|[1e39]|fits FP32",
        "FP32|[2]|[1]|has 1 elements; shape [2] says 2",
        "FP32|[1]|[1,2]|more than 1 elements",
        "FP32|[2,2]|[[1,2],[3]]|list of 1 where its shape [2,2] says 2",
        "FP32|[2,2]|[[1,2],3,4]|not nested as its shape",
        "FP32|[2]|[[1,2]]|not nested as its shape",
        "FP32|[4611686018427387904,4]|[]|too large",
        "FP32|[1000000000000]|[1]|has 1 elements",
        "FP32|[-1]|[1]|length -1",
        "FP32|[1.5]|[1]|no integer",
        "FLOAT|[1]|[1]|float is FP32",
        "BYTES|[1]|[7]|which is not text",
        "BYTES|[1]|[\"\\uD83D\"]|is no Unicode text",
        "FP32|[]|[]|has 0 elements",
        "FP32|[]|[1,2]|more than 1 elements",
        "BOOL|[1]|[1]|which is not true or false",
        "FP32|[1]|7|is no list",
      })
  void whatDoesNotFitIsRefusedWithFieldAndReason(
      String datatype, String shape, String data, String reason) {
    assertThatThrownBy(() -> read(one(datatype, shape, data)))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining("inputs[0]")
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''|the body is empty",
        "[]|the body is no JSON object",
        "{}|`inputs` is missing",
        "{\"inputs\":{}}|`inputs` is no list",
        "{\"inputs\":[]} x|no JSON",
        "{\"inputs\":[]}{}|goes on after",
        "{\"inputs\":[1]}|`inputs[0]` is no object",
        "{\"inputs\":[{\"name\":\"x\"}]}|datatype` is missing",
        "{\"inputs\":[],\"id\":7}|`id` is no text",
        "{\"inputs\":[],\"inputs\":[]}|Duplicate",
        "{\"inputs\":[],\"outputs\":[{}]}|`outputs[0].name` is missing",
        "{\"inputs\":[|no JSON",
      })
  void bodiesThatAreNoRequestsAreRefused(String body, String reason) {
    assertThatThrownBy(() -> read(body))
        .isInstanceOf(MalformedException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void deepNestingIsRefused() {
    assertThatThrownBy(() -> read("{\"a\":" + "[".repeat(100_000)))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void aRequestKeepsIdParametersAndWantedOutputs() throws Exception {
    InferenceRequest request =
        read(
            """
            {"id":"7","parameters":{"a":1},"inputs":[],"outputs":[{"name":"y"},{"name":"z"}]}\
            """);

    assertThat(request.id()).isEqualTo("7");
    assertThat(request.outputs()).containsExactly("y", "z");
    assertThat(String.valueOf(request.parameters())).isEqualTo("{\"a\":1}");
  }

  @Test
  void goldenAnswersMayDifferByTheTolerance() throws Exception {
    List<Tensor> expected = outputs("FP32", "[1.0,200.0]");

    assertThat(Golden.differences(expected, outputs("FP32", "[1.00001,200.001]"), 1e-4)).isEmpty();
    assertThat(Golden.differences(expected, outputs("FP32", "[1.0,201.0]"), 1e-4))
        .containsExactly("output `y`[1] is 201.0, expected 200.0 within 1.0E-4");
    assertThat(Golden.differences(expected, outputs("FP32", "[1.0,null]"), 1e-4)).hasSize(1);
    assertThat(Golden.differences(outputs("FP32", "[null,1]"), outputs("FP32", "[null,1]"), 0))
        .isEmpty();
    assertThat(Golden.differences(expected, outputs("INT64", "[1,200]"), 1e-4))
        .containsExactly("output `y` is INT64, expected FP32");
    assertThat(Golden.differences(expected, List.of(), 1e-4))
        .containsExactly("output `y` is missing");
    assertThat(
            Golden.differences(
                outputs("BYTES", "[\"a\",\"b\"]"), outputs("BYTES", "[\"a\",\"c\"]"), 1))
        .containsExactly("output `y`[1] is \"c\", expected \"b\"");
  }

  private static List<Tensor> outputs(String datatype, String data) throws MalformedException {
    return TensorJson.outputs(
        """
        {"outputs":[{"name":"y","datatype":"%s","shape":[2],"data":%s}]}\
        """
            .formatted(datatype, data)
            .getBytes(UTF_8));
  }

  /// What a parser may take for another text, and what it may say of it.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "C0 80",
        "C1 BF",
        "E0 9F BF",
        "F0 8F BF BF",
        "ED A0 80",
        "F4 90 80 80",
        "F5 80 80 80",
        "80",
        "C3",
        "E2 82",
        "F0 9F 98",
        "C3 28",
        "FF"
      })
  void textIsUtf8(String hex) {
    byte[] bytes = HexFormat.ofDelimiter(" ").parseHex(hex);
    for (int before = 0; before < 20; before++) {
      String head = "{\"id\":\"" + "é".repeat(before % 3) + "x".repeat(before);
      byte[] body = joined(head.getBytes(UTF_8), bytes, "\",\"inputs\":[]}".getBytes(UTF_8));
      int at = head.getBytes(UTF_8).length;

      assertThatThrownBy(() -> TensorJson.request(body))
          .isInstanceOf(MalformedException.class)
          .hasMessage("the body is no JSON: byte " + at + " is no UTF-8");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "é",
        "\u07ff",
        "\u0800",
        "\ud7ff",
        "\ue000",
        "\uffff",
        "\ud800\udc00",
        "\udbff\udfff"
      })
  void everyCharacterOfUnicodeIsText(String character) throws Exception {
    for (int before = 0; before < 10; before++) {
      String id = "x".repeat(before) + character + character + "x".repeat(10 - before);
      assertThat(read("{\"id\":\"" + id + "\",\"inputs\":[]}").id()).isEqualTo(id);
    }
  }

  private static byte[] joined(byte[]... parts) {
    var all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /// Nobody who asks can set a feature of the parser.
  @Test
  void whatIsNoJsonIsSaidInWordsForCallers() {
    assertThatThrownBy(() -> read(one("FP32", "[1]", "[NaN]")))
        .hasMessageStartingWith(
            "the body is no JSON: Non-standard token 'NaN', which JSON has not (bytes");
    assertThatThrownBy(() -> read(one("FP32", "[1]", "[-Infinity]")))
        .hasMessageContaining("-Infinity', which JSON has not (bytes and gRPC have) at line 1");
    for (String data : List.of("[NaN]", "[+1]", "[/*1*/]", "[" + "9".repeat(2000) + "]")) {
      assertThatThrownBy(() -> read(one("FP32", "[1]", data)))
          .isInstanceOf(MalformedException.class)
          .hasMessageStartingWith("the body is no JSON: ")
          .hasMessageNotContainingAny("Feature", "Constraints", "`");
    }
  }
}
