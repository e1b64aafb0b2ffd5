package dev.mlo.runner.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialects;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Shape;
import dev.mlo.contract.TensorSpec;
import dev.mlo.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TensorSchemaTest {
  private static boolean fits(
      boolean answer, DataType type, String declared, String sent, String data) {
    var spec = new TensorSpec("t", type, shape(declared));
    var schema = answer ? TensorSchema.output(spec) : TensorSchema.input(spec);
    String tensor =
        "{\"name\":\"t\",\"datatype\":\"%s\",\"shape\":[%s],\"data\":%s}"
            .formatted(type, sent, data);
    return SchemaRegistry.withDefaultDialect(Dialects.getOpenApi31())
        .getSchema(new String(Json.compact(schema), StandardCharsets.UTF_8), InputFormat.JSON)
        .validate(tensor, InputFormat.JSON)
        .isEmpty();
  }

  private static Shape shape(String lengths) {
    return new Shape(
        Arrays.stream(lengths.split(",")).filter(s -> !s.isEmpty()).map(Long::valueOf).toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          BOOL   | true                 | 1
          UINT8  | 255                  | 256
          UINT16 | 65535                | -1
          UINT32 | 4294967295           | 4294967296
          UINT64 | 18446744073709551615 | 18446744073709551616
          INT8   | -128                 | -129
          INT16  | 32767                | 32768
          INT32  | -2147483648          | -2147483649
          INT64  | 9223372036854775807  | 9223372036854775808
          INT64  | -9223372036854775808 | 1.5
          FP16   | 1.5                  | "1.5"
          FP32   | -0.25                | null
          FP64   | 1e300                | true
          BYTES  | "text"               | 1
          """)
  void knowsTheRangeOfEveryDatatype(DataType type, String good, String bad) {
    assertThat(fits(false, type, "1", "1", "[" + good + "]")).isTrue();
    assertThat(fits(false, type, "1", "1", "[" + bad + "]")).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          -1,2 | 1,2   | [1, 2]                     | true
          -1,2 | 2,2   | [[1, 2], [3, 4]]           | true
          -1,2 | 0,2   | []                         | true
          -1,2 | 2,2   | [[1, 2, 3], [4, 5, 6]]     | false
          -1,2 | 2,3   | [1, 2, 3, 4, 5, 6]         | false
          -1,2 | 2     | [1, 2]                     | false
          2,2  | 2,2   | [1, 2, 3]                  | false
          2,2  | 2,2   | [[1, 2], [3, 4]]           | true
          ''   | ''    | 7                          | true
          ''   | ''    | [7]                        | true
          ''   | ''    | [7, 8]                     | false
          1,-1,2 | 1,1,2 | [[[1, 2]]]               | true
          1,-1,2 | 1,1,2 | [[1, 2]]                 | false
          """)
  void takesDataFlatOrNestedAsItsShape(String declared, String sent, String data, boolean fits) {
    assertThat(fits(false, DataType.FP32, declared, sent, data)).isEqualTo(fits);
  }

  @Test
  void onlyAnAnswerHasNumbersThatAreNone() {
    assertThat(fits(true, DataType.FP32, "-1", "2", "[null, 1]")).isTrue();
    assertThat(fits(true, DataType.INT32, "-1", "2", "[null, 1]")).isFalse();
    assertThat(fits(false, DataType.FP32, "-1", "2", "[null, 1]")).isFalse();
  }
}
