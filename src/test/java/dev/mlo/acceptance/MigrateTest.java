package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// How people come to `mlo`: from another tool, by the page that is written for them, or from a
/// template.
@ExtendWith(Installed.class)
class MigrateTest {
  private static final Path ROOT = Path.of(System.getProperty("mlo.root", "."));

  @TempDir Path project;

  /// Lays what the other tool would have left.
  private void lay(String section) throws IOException {
    switch (section) {
      case "From MLflow" -> {
        model("mlruns/iris-clf/model.onnx");
        put(
            "mlruns/iris-clf/MLmodel",
            """
            artifact_path: iris-clf
            flavors:
              onnx: {data: model.onnx, onnx_version: 1.16.0}
              python_function: {data: model.onnx, loader_module: mlflow.onnx}
            run_id: 5f00c0ffee
            """);
      }
      case "From KitOps" -> {
        model("models/iris.onnx");
        put("data/train.csv", "1\n");
        put(
            "Kitfile",
            """
            manifestVersion: 1.0.0
            package: {name: iris, version: 1.2.3, license: MIT}
            model: {path: models/iris.onnx}
            datasets: [{name: training, path: data/train.csv}]
            """);
      }
      case "From Cog" -> {
        model("model.onnx");
        put("cog.yaml", "build: {gpu: true}\npredict: predict.py:Predictor\nimage: iris\n");
      }
      default -> {
        model("model.onnx");
        put("mlops.yaml", "name: iris\nmodel: model.onnx\n");
      }
    }
  }

  private void model(String name) throws IOException {
    Path target = project.resolve(name);
    Files.createDirectories(target.getParent());
    Files.copy(ROOT.resolve("examples/iris/1.0.0/model.onnx"), target);
  }

  private void put(String name, String text) throws IOException {
    Path target = project.resolve(name);
    Files.createDirectories(target.getParent());
    Files.writeString(target, text);
  }

  private static List<String> commands(String section) throws IOException {
    String page = Files.readString(ROOT.resolve("docs/migrate.md"));
    Matcher body =
        Pattern.compile("(?s)\n## " + Pattern.quote(section) + "\n(.*?)(\n## |$)").matcher(page);
    assertThat(body.find()).as(section).isTrue();
    var lines = new ArrayList<String>();
    Matcher block = Pattern.compile("(?s)```sh\n(.*?)```").matcher(body.group(1));
    while (block.find()) {
      lines.addAll(block.group(1).lines().toList());
    }
    assertThat(lines).as(section).isNotEmpty();
    return lines;
  }

  @ParameterizedTest
  @CsvSource({"From MLflow", "From KitOps", "From Cog", "What none of them has: golden examples"})
  void everyCommandOfThePageWorks(String section, Mlo user) throws IOException {
    Mlo mlo = user.in(project);
    lay(section);

    for (String line : commands(section)) {
      List<String> words = List.of(line.split(" "));
      assertThat(words.getFirst()).isEqualTo("mlo");
      Outcome outcome = mlo.run(words.subList(1, words.size()).toArray(String[]::new));
      assertThat(outcome.exit()).as(line + "\n" + outcome.stderr()).isZero();
    }
    assertThat(project.resolve("mlops.yaml")).isRegularFile();
  }

  @ParameterizedTest
  @ValueSource(strings = {"onnx", "pmml"})
  void aTemplateIsBuiltTestedPromotedServedAndSwapped(String format, Mlo user) throws Exception {
    Mlo mlo = user.in(project);
    Outcome made = mlo.run("init", "--template", format, "--name", "flowers", "-o", "json");
    assertThat(made.exit()).as(made.stderr()).isZero();
    assertThat(made.json().path("files").toString())
        .contains("train.ipynb", "mlops.yaml", "Jenkinsfile");
    assertThat(mlo.run("build", "-q").word()).startsWith("flowers@sha256:");
    assertThat(mlo.run("test", "-q").word()).isEqualTo("passed");
    for (String environment : new String[] {"dev", "test", "prod"}) {
      Outcome promoted = mlo.run("promote", "--to", environment);
      assertThat(promoted.exit()).as(promoted.stderr()).isZero();
    }

    try (ServedModel served = ServedModel.start(mlo, project, "flowers:0.1.0");
        HttpClient client = HttpClient.newHttpClient()) {
      byte[] request = Files.readAllBytes(project.resolve("examples/one.json"));
      assertThat(served.infer(client, request).body()).contains("setosa");
      Path manifest = project.resolve("mlops.yaml");
      Files.writeString(
          manifest, Files.readString(manifest).replace("version: 0.1.0", "version: 0.2.0"));
      assertThat(mlo.run("build", "-q").exit()).isZero();
      Outcome swapped = mlo.run("swap", "flowers:0.2.0", "--runner", served.admin());
      assertThat(swapped.exit()).as(swapped.stderr()).isZero();
      assertThat(served.infer(client, request).body()).contains("\"model_version\":\"0.2.0\"");
    }
  }

  /// Debian's Python has what the script needs; `install.sh --test` installs it.
  @ParameterizedTest
  @ValueSource(strings = {"onnx", "pmml"})
  void theTrainingScriptMakesTheFilesThatTheTemplateHas(String format, Mlo user) throws Exception {
    assertThat(user.in(project).run("init", "--template", format).exit()).isZero();
    Path file = project.resolve("model." + format);
    byte[] model = Files.readAllBytes(file);
    String expected = Files.readString(project.resolve("examples/batch.expected.json"));
    Files.delete(file);
    Files.delete(project.resolve("examples/batch.expected.json"));

    Outcome trained =
        Installed.start(
                List.of("/usr/bin/python3", "train.py"),
                project,
                java.util.Map.of("PYTHONDONTWRITEBYTECODE", "1", "HOME", project.toString()))
            .outcome(java.time.Duration.ofMinutes(2));

    assertThat(trained.exit()).as(trained.stderr()).isZero();
    assertThat(file).hasBinaryContent(model);
    assertThat(project.resolve("examples/batch.expected.json")).hasContent(expected);
  }
}
