package dev.mlo.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class JsonTest {
  record Part(int size) {
    Part {
      if (size < 0) {
        throw new IllegalArgumentException("a size is not negative");
      }
    }
  }

  record Whole(String name, List<Part> parts) {}

  record Named(String name) {
    Named {
      name = name.strip();
    }
  }

  private static String refused(String text) {
    return Objects.requireNonNull(
        Objects.requireNonNull(
                catchThrowableOfType(
                    JsonFormatException.class,
                    () -> Json.parse(text.getBytes(StandardCharsets.UTF_8), Whole.class)))
            .getMessage());
  }

  @Test
  void aNewerWriterIsUnderstood() throws JsonFormatException {
    String text = "{\"name\":\"a\",\"parts\":[{\"size\":1,\"colour\":\"red\"}],\"later\":{}}";
    assertThat(Json.parse(text.getBytes(StandardCharsets.UTF_8), Whole.class))
        .isEqualTo(new Whole("a", List.of(new Part(1))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          []                            | the document is not of the kind that is expected
          1                             | the document is not of the kind that is expected
          {"name":[]}                   | `name` is not of the kind that is expected
          {"parts":{}}                  | `parts` is not of the kind that is expected
          {"parts":[{"size":"large"}]}  | `parts[0].size` is not of the kind that is expected
          {"parts":[{},{"size":-1}]}    | `parts[1]`: a size is not negative
          null                          | the document is null
          {"name":"a","name":"b"}       | Duplicate field 'name' at line 1, column 19
          {} {}                         | the document is followed by something else
          {"name":                      | Unexpected end-of-input
          """)
  void whatIsWrongIsToldWithoutWordsOfJava(String text, String message) {
    assertThat(refused(text)).contains(message).doesNotContain("dev.mlo", "java.", "start marker");
  }

  @Test
  void whatARecordCannotBeMadeWithoutIsToldWithoutWordsOfJava() {
    assertThatThrownBy(() -> Json.parse("{}".getBytes(StandardCharsets.UTF_8), Named.class))
        .isInstanceOf(JsonFormatException.class)
        .hasMessage("the document lacks a part that it needs");
  }

  @Test
  void nothingAndTooDeepNestingAreRefused() {
    assertThat(refused("")).contains("empty");
    assertThat(refused("[".repeat(101))).contains("101");
  }
}
