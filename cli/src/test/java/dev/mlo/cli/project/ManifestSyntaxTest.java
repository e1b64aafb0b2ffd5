package dev.mlo.cli.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is no manifest at all: the place and the reason of each, and nothing that costs the reader.
class ManifestSyntaxTest {
  private ManifestTrial project;

  @BeforeEach
  void project(@TempDir Path temporary) throws IOException {
    project = ManifestTrial.in(temporary);
  }

  @Test
  void whatCannotBeSeenIsToldByItsPlaceAndItsNumber() throws IOException {
    assertThat(project.mistakes("name: a\r\nmodel: \"m\u0007\"\n"))
        .singleElement(STRING)
        .startsWith("mlops.yaml:2:10: found the character U+0007");
    assertThat(project.mistakes("name: a\nmodel: m\n".getBytes(StandardCharsets.UTF_16LE)))
        .singleElement(STRING)
        .startsWith("mlops.yaml:1:2: found the character U+0000")
        .endsWith("Save it as UTF-8");
    assertThat(project.mistakes("name: iris\nmodel: model.onnx\ndescription: \"\\ud800\"\n"))
        .singleElement(STRING)
        .startsWith("mlops.yaml:3:14: found half of a character");
  }

  @Test
  void aManifestDoesNotDriveTheTerminal() throws IOException {
    assertThat(project.mistakes("name: iris\nmodel: model.onnx\n\"\\e[31mred\\n\\u202e\": 1\n"))
        .containsExactly("mlops.yaml:3:1: unknown key `\\u001b[31mred\\u000a\\u202e`");
  }

  @Test
  void whatHasNoEndIsToldByItsBegin() throws IOException {
    assertThat(project.mistakes("name: iris\nmodel: {path: model.onnx\n"))
        .singleElement(STRING)
        .contains("while parsing a flow mapping that begins at 2:8, ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n\n", "# only a comment\n", "\ufeff"})
  void anEmptyManifestIsOneMistake(String manifest) throws IOException {
    assertThat(project.mistakes(manifest))
        .containsExactly(
            "mlops.yaml:1:1: the manifest is empty, expected at least `name:` and `model:`");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"- a|a list", "just text|`just text`", "---|nothing", "12|the number 12"})
  void aManifestOfAnotherShapeIsOneMistake(String manifest, String found) throws IOException {
    assertThat(project.mistakes(manifest))
        .singleElement()
        .asString()
        .contains("found " + found + ", expected keys and values (schema, name, version,");
  }

  @Test
  void aTabIsNamed() throws IOException {
    assertThat(project.mistakes("name: a\nmodel:\n\tpath: model.onnx\n"))
        .containsExactly(
            "mlops.yaml:3:1: found a tab, expected spaces: YAML is indented by spaces only");
  }

  @Test
  void aColonTooManyIsNamed() throws IOException {
    assertThat(project.mistakes("name: a\nmodel: b: c\n"))
        .containsExactly(
            "mlops.yaml:2:9: found a second `:` in a value, expected quotes around the value or a"
                + " new line");
  }

  @Test
  void otherSyntaxIsToldInTheParsersWords() throws IOException {
    assertThat(project.mistakes("name: [a\n"))
        .singleElement()
        .asString()
        .startsWith("mlops.yaml:2:1: not YAML: while parsing a flow sequence");
  }

  @Test
  void bytesThatAreNotUtf8AreFound() throws IOException {
    assertThat(
            project.mistakes(
                "name: a\ndescription: \u00e4\n".getBytes(StandardCharsets.ISO_8859_1)))
        .containsExactly("mlops.yaml:2:14: found bytes that are not UTF-8");
  }

  @Test
  void fiveMegabytesAreNotReadToTheEnd() throws IOException {
    assertThat(project.mistakes(new byte[5 << 20]))
        .containsExactly("mlops.yaml:1:1: the manifest is larger than 1 MiB");
  }

  @Test
  void anAliasBombIsNotExpanded() throws IOException {
    var bomb = new StringBuilder("name: a\nmodel: model.onnx\nlabels:\n  a: &a [x, x]\n");
    for (char name = 'b'; name <= 'k'; name++) {
      bomb.append("  %c: &%c [*%c, *%c]\n".formatted(name, name, name - 1, name - 1));
    }

    assertThat(project.mistakes(bomb.toString()))
        .contains(
            "mlops.yaml:4:6: found the anchor `&a`, which a manifest does not take",
            "mlops.yaml:5:10: found the alias `*a`, expected the value itself");
  }

  @Test
  void tagsAreRefused() throws IOException {
    assertThat(project.mistakes("name: !!str a\nmodel: !!java.net.URL [x]\n"))
        .contains(
            "mlops.yaml:1:7: found the tag `tag:yaml.org,2002:str`, which a manifest does not take",
            "mlops.yaml:2:8: found the tag `tag:yaml.org,2002:java.net.URL`, which a manifest does"
                + " not take");
  }

  @Test
  void aSecondDocumentIsRefused() throws IOException {
    assertThat(project.mistakes("name: a\nmodel: model.onnx\n---\nname: b\n"))
        .containsExactly("mlops.yaml:3:1: a second document starts here, expected one");
  }

  @Test
  void deepNestingIsRefused() throws IOException {
    assertThat(project.mistakes("name: a\nmodel: model.onnx\nlabels: " + "[".repeat(100_000)))
        .containsExactly("mlops.yaml:3:29: values are nested deeper than 20 levels");
  }
}
