package dev.mlo.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import picocli.CommandLine;

/// What `mlo init` writes for CI systems, notebooks and people who come from other tools holds
/// command lines. They are parsed by the very command tree, so that they cannot go out of date.
class TemplatesTest {
  private static final Path ROOT =
      Files.isDirectory(Path.of("templates")) ? Path.of(".") : Path.of("..");

  /// Where a command line starts: at the start of a line, as an item of YAML, behind a prompt, a
  /// pipe, a quote or the notebook's `!`.
  private static final Pattern COMMAND =
      Pattern.compile("(?m)(?:^[ \\t]*(?:- )?|\\| |'|!)(mlo [a-z][^\\n']*(?:'[^'\\n]*'[^\\n']*)*)");

  private static final Map<String, String> VALUES =
      Map.of(
          "MLO_REGISTRY", "registry.example.com",
          "MLO_REPOSITORY", "registry.example.com/ml/iris",
          "MLO_REGISTRY_USER", "ci",
          "MLO_SWAP_TOKEN", "token",
          "TOKEN_FILE", "token",
          "REASON", "abc123",
          "CI_COMMIT_SHA", "abc123",
          "GIT_COMMIT", "abc123");

  private static Stream<String> lines() throws IOException {
    var lines = new ArrayList<String>();
    for (String file :
        List.of(
            "templates/ci/github.yml",
            "templates/ci/gitlab-ci.yml",
            "templates/ci/Jenkinsfile",
            "docs/migrate.md")) {
      lines.addAll(commands(Files.readString(ROOT.resolve(file))));
    }
    for (JsonNode cell : notebook().path("cells")) {
      lines.addAll(commands(text(cell)));
    }
    return lines.stream();
  }

  private static List<String> commands(String text) {
    var lines = new ArrayList<String>();
    Matcher found = COMMAND.matcher(text);
    while (found.find()) {
      lines.add(found.group(1));
    }
    return lines;
  }

  /// As a shell splits it, with the variables a CI system would set.
  private static List<String> words(String line) {
    String filled = line;
    for (Map.Entry<String, String> value : VALUES.entrySet()) {
      filled = filled.replaceAll("\\$" + value.getKey() + "\\b", value.getValue());
    }
    assertThat(filled).as("a variable that no test sets").doesNotContain("$");
    var words = new ArrayList<String>();
    Matcher word = Pattern.compile("\"([^\"]*)\"|'([^']*)'|(\\S+)").matcher(filled);
    while (word.find()) {
      words.add(
          word.group(1) != null
              ? word.group(1)
              : word.group(2) != null ? word.group(2) : word.group(3));
    }
    return words;
  }

  @ParameterizedTest
  @MethodSource("lines")
  void everyCommandLineIsOne(String line) {
    for (String command : line.split(" && ", -1)) {
      List<String> words = words(command);
      assertThat(words.getFirst()).isEqualTo("mlo");
      CommandLine.ParseResult result =
          CommandTree.create().parseArgs(words.subList(1, words.size()).toArray(String[]::new));
      assertThat(result.subcommand()).as(line).isNotNull();
    }
  }

  @Test
  void theLinesOfEveryFileAreFound() throws IOException {
    for (String file : List.of("github.yml", "gitlab-ci.yml", "Jenkinsfile")) {
      String text = Files.readString(ROOT.resolve("templates/ci").resolve(file));
      Set<String> verbs = new HashSet<>();
      commands(text).forEach(line -> verbs.add(words(line).get(1)));
      assertThat(verbs)
          .as(file)
          .contains("validate", "build", "test", "promote", "swap", "login", "logout", "status");
      assertThat(text).contains("--password-stdin").doesNotContain("--password ");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"github.yml", "gitlab-ci.yml"})
  void theYamlIsYaml(String file) throws IOException {
    Object document =
        new Yaml(new SafeConstructor(new LoaderOptions()))
            .load(Files.readString(ROOT.resolve("templates/ci").resolve(file)));
    assertThat(document).isInstanceOf(Map.class);
    // Actions are pinned by their major version, nothing is cached between runs.
    Matcher uses =
        Pattern.compile("uses: (\\S+)")
            .matcher(Files.readString(ROOT.resolve("templates/ci").resolve(file)));
    while (uses.find()) {
      assertThat(uses.group(1)).matches("[a-z-]+/[a-z-]+@v[0-9]+").doesNotContain("cache");
    }
  }

  @Test
  void theJenkinsfileClosesWhatItOpens() throws IOException {
    String text = Files.readString(ROOT.resolve("templates/ci/Jenkinsfile"));
    assertThat(text.split("'''", -1).length % 2).as("pairs of '''").isEqualTo(1);
    String code = text.replaceAll("(?s)'''.*?'''", "").replaceAll("(?m)//.*$", "");
    var open = new ArrayList<Character>();
    for (char c : code.replaceAll("'[^'\\n]*'", "").toCharArray()) {
      switch (c) {
        case '{', '(', '[' -> open.add(c);
        case '}', ')', ']' -> {
          assertThat(open).as("opened before " + c).isNotEmpty();
          assertThat("" + open.removeLast() + c).isIn("{}", "()", "[]");
        }
        default -> {}
      }
    }
    assertThat(open).isEmpty();
    assertThat(text).as("Groovy puts nothing into a shell's line").doesNotContain("\"\"\"");
  }

  private static JsonNode notebook() throws IOException {
    return Json.parse(Files.readAllBytes(ROOT.resolve("templates/onnx/project/train.ipynb")));
  }

  private static String text(JsonNode cell) {
    var text = new StringBuilder();
    cell.path("source").forEach(line -> text.append(line.asText()));
    return text.toString();
  }

  /// The format is version 4.5 of
  /// [nbformat](https://nbformat.readthedocs.io/en/latest/format_description.html).
  @Test
  void theNotebookIsCleanAndInTheFormat() throws IOException {
    JsonNode notebook = notebook();
    assertThat(notebook.path("nbformat").asInt()).isEqualTo(4);
    assertThat(notebook.path("nbformat_minor").asInt()).isEqualTo(5);
    assertThat(notebook.path("metadata").path("kernelspec").path("name").asText())
        .isEqualTo("python3");
    Set<String> ids = new HashSet<>();
    for (JsonNode cell : notebook.path("cells")) {
      assertThat(cell.path("id").asText()).matches("[a-zA-Z0-9_-]{1,64}");
      assertThat(ids.add(cell.path("id").asText())).as("ids differ").isTrue();
      assertThat(cell.path("metadata").isObject()).isTrue();
      assertThat(cell.path("source").isArray()).isTrue();
      if (cell.path("cell_type").asText().equals("code")) {
        assertThat(cell.path("outputs")).isEmpty();
        assertThat(cell.has("execution_count")).isTrue();
        assertThat(cell.path("execution_count").isNull()).isTrue();
      } else {
        assertThat(cell.path("cell_type").asText()).isEqualTo("markdown");
        assertThat(cell.has("outputs")).isFalse();
      }
    }
    assertThat(commandsOfNotebook(notebook)).contains("build", "test", "promote", "swap");
  }

  private static Set<String> commandsOfNotebook(JsonNode notebook) {
    Set<String> verbs = new HashSet<>();
    notebook
        .path("cells")
        .forEach(cell -> commands(text(cell)).forEach(line -> verbs.add(words(line).get(1))));
    return verbs;
  }
}
