package dev.mlo.cli.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.Batching;
import dev.mlo.contract.DataType;
import dev.mlo.contract.ServeSettings;
import dev.mlo.contract.Shape;
import dev.mlo.contract.TensorSpec;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProjectReaderTest {
  @TempDir Path temporary;
  private Path directory = Path.of("");

  @BeforeEach
  void project() throws IOException {
    directory = Files.createDirectories(temporary.toRealPath().resolve("project"));
    put("model.onnx", "a model");
    put("examples/one.json", "{}");
    put("examples/one.expected.json", "{}");
    put("data/train.csv", "1");
    put("metrics.json", "{\"auc\": 0.5}");
  }

  private Path put(String name, String content) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.resolveSibling(""));
    return Files.writeString(file, content);
  }

  private Project read(String manifest) throws IOException {
    put("mlops.yaml", manifest);
    return ProjectReader.read(directory);
  }

  private List<String> mistakes(String manifest) throws IOException {
    return mistakes(manifest.getBytes(StandardCharsets.UTF_8));
  }

  private List<String> mistakes(byte[] manifest) throws IOException {
    Files.write(directory.resolve("mlops.yaml"), manifest);
    Failure failure = refusal();
    assertThat(failure.what()).startsWith("`%s` has ".formatted(directory.resolve("mlops.yaml")));
    return failure.why();
  }

  private Failure refusal() {
    Failure failure = catchThrowableOfType(Failure.class, () -> ProjectReader.read(directory));
    assertThat(failure).isNotNull();
    assertThat(failure.code()).isEqualTo(ExitCode.MANIFEST);
    return failure;
  }

  @Test
  void whatCannotBeSeenIsToldByItsPlaceAndItsNumber() throws IOException {
    assertThat(mistakes("name: a\r\nmodel: \"m\u0007\"\n"))
        .singleElement(STRING)
        .startsWith("mlops.yaml:2:10: found the character U+0007");
    assertThat(mistakes("name: a\nmodel: m\n".getBytes(StandardCharsets.UTF_16LE)))
        .singleElement(STRING)
        .startsWith("mlops.yaml:1:2: found the character U+0000")
        .endsWith("Save it as UTF-8");
    assertThat(mistakes("name: iris\nmodel: model.onnx\ndescription: \"\\ud800\"\n"))
        .singleElement(STRING)
        .startsWith("mlops.yaml:3:14: found half of a character");
  }

  @Test
  void aManifestDoesNotDriveTheTerminal() throws IOException {
    assertThat(mistakes("name: iris\nmodel: model.onnx\n\"\\e[31mred\\n\\u202e\": 1\n"))
        .containsExactly("mlops.yaml:3:1: unknown key `\\u001b[31mred\\u000a\\u202e`");
  }

  @Test
  void whatHasNoEndIsToldByItsBegin() throws IOException {
    assertThat(mistakes("name: iris\nmodel: {path: model.onnx\n"))
        .singleElement(STRING)
        .contains("while parsing a flow mapping that begins at 2:8, ");
  }

  @Test
  void aFileWithNearlyThatNameIsOffered() throws IOException {
    assertThat(
            mistakes(
                """
                name: iris
                model: modle.onnx
                examples: [{request: examples/One.json, response: nothing/alike.json}]
                """))
        .containsExactly(
            "mlops.yaml:2:8: `model`: `modle.onnx` does not exist; did you mean `model.onnx`?",
            "mlops.yaml:3:22: `examples[0].request`: `examples/One.json` does not exist;"
                + " did you mean `examples/one.json`?",
            "mlops.yaml:3:51: `examples[0].response`: `nothing/alike.json` does not exist");
  }

  @Test
  void theSmallestManifestIsANameAndAModel() throws IOException {
    Project project = read("name: iris\nmodel: model.onnx\n");

    assertThat(project.directory()).isEqualTo(directory);
    assertThat(project.manifest()).isEqualTo(directory.resolve("mlops.yaml"));
    assertThat(project.name()).isEqualTo("iris");
    assertThat(project.version()).isNull();
    assertThat(project.model().path()).isEqualTo(directory.resolve("model.onnx"));
    assertThat(project.serve()).isEqualTo(ServeSettings.DEFAULT);
    assertThat(project.ledger()).isEqualTo(directory.resolve(".mlo/ledger.git"));
    assertThat(project.environments())
        .containsExactly(
            new Environment("dev", directory.resolve(".mlo/envs/dev"), null, false, List.of()),
            new Environment("test", directory.resolve(".mlo/envs/test"), "dev", true, List.of()),
            new Environment("prod", directory.resolve(".mlo/envs/prod"), "test", true, List.of()));
  }

  @Test
  void everythingThatCanBeSaidIsUnderstood() throws IOException {
    Project project =
        read(
            """
            schema: mlo/v1
            name: fraud-scorer
            version: 2.3.0
            description: >
              Card fraud
              score
            license: Apache-2.0
            authors: [risk@example.com]
            labels: {team: risk, tier: "1"}
            model:
              path: ./model.onnx
              format: onnx
              exclude: ["**/*.tmp"]
              inputs: [{name: features, datatype: FP32, shape: [-1, 12]}]
              outputs: [{name: score, datatype: FP64, shape: []}]
              parameters: {threshold: 0.71, steps: 3, words: [yes, true, null]}
            examples:
              - {request: examples/one.json, response: examples/one.expected.json, tolerance: 1e-3}
              - {request: examples/one.json, response: examples/one.expected.json}
            provenance:
              data: [{name: transactions, path: data/train.csv}]
              metrics: metrics.json
              training: {command: python train.py, run: "mlflow://runs/ab12"}
            serve: {workers: 4, queue: 10, timeout: 250ms, max-request: 1MB, batching: {max: 16, delay: 5ms}}
            image: {repository: registry.example.com/ml/fraud-scorer, runner: default}
            environments:
              lab:
              live:
                store: oci:../live
                after: lab
                gates: {tests: off}
                runners: ["https://fraud-1.prod:8082", "http://[::1]:8082"]
              far: {store: /srv/far, after: lab}
            ledger: {git: ../ledger.git}
            """);

    assertThat(project.version()).isEqualTo("2.3.0");
    assertThat(project.description()).isEqualTo("Card fraud score");
    assertThat(project.labels()).isEqualTo(Map.of("team", "risk", "tier", "1"));
    assertThat(project.model().inputs())
        .containsExactly(new TensorSpec("features", DataType.FP32, Shape.of(-1, 12)));
    assertThat(project.model().outputs())
        .containsExactly(new TensorSpec("score", DataType.FP64, Shape.of()));
    assertThat(project.model().parameters())
        .hasToString("{\"threshold\":0.71,\"steps\":3,\"words\":[\"yes\",true,null]}");
    assertThat(project.examples())
        .extracting(Project.Example::tolerance)
        .containsExactly(1e-3, 1e-5);
    assertThat(project.provenance())
        .hasToString(
            "{\"data\":[{\"name\":\"transactions\",\"path\":\"data/train.csv\"}],"
                + "\"metrics\":{\"auc\":0.5},"
                + "\"training\":{\"command\":\"python train.py\",\"run\":\"mlflow://runs/ab12\"}}");
    assertThat(project.serve())
        .isEqualTo(new ServeSettings(4, 10, 250, 1_000_000, new Batching(16, 5)));
    assertThat(project.image())
        .isEqualTo(new Project.Image("registry.example.com/ml/fraud-scorer", null, List.of()));
    assertThat(project.environments())
        .containsExactly(
            new Environment("lab", directory.resolve(".mlo/envs/lab"), null, false, List.of()),
            new Environment(
                "live",
                directory.resolveSibling("live"),
                "lab",
                false,
                List.of(URI.create("https://fraud-1.prod:8082"), URI.create("http://[::1]:8082"))),
            new Environment("far", Path.of("/srv/far"), "lab", true, List.of()));
    assertThat(project.ledger()).isEqualTo(directory.resolveSibling("ledger.git"));
  }

  @Test
  void everyMistakeIsToldAtOnceInTheOrderOfThePlaces() throws IOException {
    assertThat(
            mistakes(
                """
                schema: mlo/v2
                nmae: Iris
                version: 1.10
                authors: me
                labels: {team: 5, "bad key!": x}
                model:
                  path: ../up.onnx
                  format: xgboost
                  exclude: ["["]
                  inputs: [{name: a, datatype: FP23, shape: [-2, 1.5]}, {name: a, datatype: FP32, shape: [1]}]
                  parameters: {threshold: .nan, deep: [1, {x: 99999999999999999999}]}
                examples:
                  - {request: examples/two.json, tolerence: 1e-5}
                  - 5
                provenance: {data: [{name: a, path: data}], metrics: {auc: good}}
                serve: {batching: {max: 1}, timeout: 10 s, queue: 0, max-request: 4GiB, workers: many}
                environments:
                  dev: {store: registry.example.com/x}
                  test: {after: dve, gates: {soak: 24h, tests: maybe}, runners: ["ftp://x"]}
                  Prod:
                version: 2
                image: {platforms: [linux/s390x], repository: Not A Repository}
                ledger: {git: "ssh://x/y"}
                """))
        .containsExactly(
            "mlops.yaml:1:1: the key `name` is missing, expected a DNS label: lower-case letters,"
                + " digits and `-`, at most 63, no `-` at either end",
            "mlops.yaml:1:9: `schema`: found `mlo/v2`, expected `mlo/v1`",
            "mlops.yaml:2:1: unknown key `nmae`; did you mean `name`?",
            "mlops.yaml:3:10: `version`: found the number 1.10, expected text: quote it, \"1.10\"",
            "mlops.yaml:4:10: `authors`: found `me`, expected a list of people",
            "mlops.yaml:5:16: `labels.team`: found the number 5, expected text: quote it, \"5\"",
            "mlops.yaml:5:19: `labels`: found the name `bad key!`, expected letters, digits, `.`,"
                + " `_`, `/` and `-`, at most 253, starting with a letter or digit",
            "mlops.yaml:7:9: `model.path`: found `../up.onnx`, expected a path inside the project,"
                + " relative to the manifest",
            "mlops.yaml:8:11: `model.format`: `xgboost` is not supported yet",
            "mlops.yaml:9:13: `model.exclude`: `[` is no glob pattern: Missing ']",
            "mlops.yaml:10:32: `model.inputs[0].datatype`: found `FP23`, expected one of BOOL,"
                + " UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, FP32, FP64,"
                + " BYTES; did you mean `FP32`?",
            "mlops.yaml:10:46: `model.inputs[0].shape[0]`: found the number -2, expected a whole"
                + " number from -1 to 2147483647",
            "mlops.yaml:10:50: `model.inputs[0].shape[1]`: found the number 1.5, expected a whole"
                + " number from -1 to 2147483647",
            "mlops.yaml:10:64: `model.inputs`: `a` is there twice",
            "mlops.yaml:11:27: `model.parameters.threshold`: found the number .nan, expected a"
                + " finite number",
            "mlops.yaml:11:47: `model.parameters.deep.x`: found the number 99999999999999999999,"
                + " expected a number of at most 64 bits",
            "mlops.yaml:13:5: the key `response` in `examples[0]` is missing, expected a path"
                + " inside the project, relative to the manifest",
            "mlops.yaml:13:15: `examples[0].request`: `examples/two.json` does not exist",
            "mlops.yaml:13:34: unknown key `tolerence` in `examples[0]`; did you mean `tolerance`?",
            "mlops.yaml:14:5: `examples[1]`: found the number 5, expected keys and values (request,"
                + " response, tolerance)",
            "mlops.yaml:15:37: `provenance.data[0].path`: `data` is a directory, expected a file",
            "mlops.yaml:15:60: `provenance.metrics.auc`: found `good`, expected a number",
            "mlops.yaml:16:25: `serve.batching.max`: found the number 1, expected a whole number"
                + " from 2 to 4096",
            "mlops.yaml:16:38: `serve.timeout`: found `10 s`, expected a duration like `250ms`,"
                + " `10s`, `2m` or `24h`",
            "mlops.yaml:16:51: `serve.queue`: found the number 0, expected a whole number from 1 to"
                + " 1000000",
            "mlops.yaml:16:67: `serve.max-request`: found `4GiB`, expected 1KiB to 2GiB",
            "mlops.yaml:16:82: `serve.workers`: found `many`, expected `auto`, or a whole number"
                + " from 1 to 1024",
            "mlops.yaml:18:16: `environments.dev.store`: `registry.example.com/x`: a registry as a"
                + " store is not supported yet, expected a directory",
            "mlops.yaml:19:17: `environments.test.after`: there is no environment `dve`; did you"
                + " mean `dev`?",
            "mlops.yaml:19:30: `environments.test.gates.soak` is not supported yet",
            "mlops.yaml:19:48: `environments.test.gates.tests`: found `maybe`, expected `required`"
                + " or `off`",
            "mlops.yaml:19:66: `environments.test.runners[0]`: found `ftp://x`, expected a URL like"
                + " `https://fraud-1.prod:8082`",
            "mlops.yaml:20:3: `environments`: found the name `Prod`, expected a DNS label:"
                + " lower-case letters, digits and `-`, at most 63, no `-` at either end",
            "mlops.yaml:21:1: the key `version` is there twice, first at line 3",
            "mlops.yaml:22:21: `image.platforms[0]`: found `linux/s390x`, expected `linux/amd64` or"
                + " `linux/arm64`",
            "mlops.yaml:22:47: `image.repository`: found `Not A Repository`, expected a repository"
                + " like `registry.example.com/ml/fraud-scorer`, without tag or digest",
            "mlops.yaml:23:15: `ledger.git`: `ssh://x/y`: a remote ledger is not supported yet,"
                + " expected a directory");
  }

  @Test
  void platformsStandOnceAndRunnerImagesArePinned() throws IOException {
    assertThat(
            mistakes(
                """
                name: a
                model: model.onnx
                image: {platforms: [linux/arm64, linux/arm64], runner: "host/x:1"}
                """))
        .containsExactly(
            "mlops.yaml:3:34: `image.platforms`: `linux/arm64` stands twice",
            "mlops.yaml:3:56: `image.runner`: found `host/x:1`, expected `default` or"
                + " REF@sha256:…");
  }

  @ParameterizedTest
  @ValueSource(strings = {"metrics", "signature", "soak", "approvals", "freeze"})
  void gatesThatAreNotBuiltYetAreRefusedByName(String gate) throws IOException {
    assertThat(
            mistakes(
                "name: a\nmodel: model.onnx\nenvironments: {dev: {gates: {%s: 1}}}"
                    .formatted(gate)))
        .containsExactly(
            "mlops.yaml:3:30: `environments.dev.gates.%s` is not supported yet".formatted(gate));
  }

  @Test
  void noManifestPointsToInit() {
    Failure failure = refusal();

    assertThat(failure.what()).isEqualTo("there is no `mlops.yaml` in `%s`".formatted(directory));
    assertThat(failure.hint()).isEqualTo("mlo init " + directory);
  }

  @Test
  void aManifestWithTheOtherEndingIsPointedOut() throws IOException {
    put("mlops.yml", "name: a");

    assertThat(refusal().hint())
        .isEqualTo(
            "mv %s %s".formatted(directory.resolve("mlops.yml"), directory.resolve("mlops.yaml")));
  }

  @Test
  void aManifestThatIsNoFileIsRefused() throws IOException {
    Files.createDirectory(directory.resolve("mlops.yaml"));

    assertThat(refusal().what())
        .isEqualTo("the manifest `%s` is no file".formatted(directory.resolve("mlops.yaml")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\n\n", "# only a comment\n", "\ufeff"})
  void anEmptyManifestIsOneMistake(String manifest) throws IOException {
    assertThat(mistakes(manifest))
        .containsExactly(
            "mlops.yaml:1:1: the manifest is empty, expected at least `name:` and `model:`");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"- a|a list", "just text|`just text`", "---|nothing", "12|the number 12"})
  void aManifestOfAnotherShapeIsOneMistake(String manifest, String found) throws IOException {
    assertThat(mistakes(manifest))
        .singleElement()
        .asString()
        .contains("found " + found + ", expected keys and values (schema, name, version,");
  }

  @Test
  void aTabIsNamed() throws IOException {
    assertThat(mistakes("name: a\nmodel:\n\tpath: model.onnx\n"))
        .containsExactly(
            "mlops.yaml:3:1: found a tab, expected spaces: YAML is indented by spaces only");
  }

  @Test
  void aColonTooManyIsNamed() throws IOException {
    assertThat(mistakes("name: a\nmodel: b: c\n"))
        .containsExactly(
            "mlops.yaml:2:9: found a second `:` in a value, expected quotes around the value or a"
                + " new line");
  }

  @Test
  void otherSyntaxIsToldInTheParsersWords() throws IOException {
    assertThat(mistakes("name: [a\n"))
        .singleElement()
        .asString()
        .startsWith("mlops.yaml:2:1: not YAML: while parsing a flow sequence");
  }

  @Test
  void bytesThatAreNotUtf8AreFound() throws IOException {
    assertThat(mistakes("name: a\ndescription: \u00e4\n".getBytes(StandardCharsets.ISO_8859_1)))
        .containsExactly("mlops.yaml:2:14: found bytes that are not UTF-8");
  }

  @Test
  void fiveMegabytesAreNotReadToTheEnd() throws IOException {
    assertThat(mistakes(new byte[5 << 20]))
        .containsExactly("mlops.yaml:1:1: the manifest is larger than 1 MiB");
  }

  @Test
  void anAliasBombIsNotExpanded() throws IOException {
    var bomb = new StringBuilder("name: a\nmodel: model.onnx\nlabels:\n  a: &a [x, x]\n");
    for (char name = 'b'; name <= 'k'; name++) {
      bomb.append("  %c: &%c [*%c, *%c]\n".formatted(name, name, name - 1, name - 1));
    }

    assertThat(mistakes(bomb.toString()))
        .contains(
            "mlops.yaml:4:6: found the anchor `&a`, which a manifest does not take",
            "mlops.yaml:5:10: found the alias `*a`, expected the value itself");
  }

  @Test
  void tagsAreRefused() throws IOException {
    assertThat(mistakes("name: !!str a\nmodel: !!java.net.URL [x]\n"))
        .contains(
            "mlops.yaml:1:7: found the tag `tag:yaml.org,2002:str`, which a manifest does not take",
            "mlops.yaml:2:8: found the tag `tag:yaml.org,2002:java.net.URL`, which a manifest does"
                + " not take");
  }

  @Test
  void aSecondDocumentIsRefused() throws IOException {
    assertThat(mistakes("name: a\nmodel: model.onnx\n---\nname: b\n"))
        .containsExactly("mlops.yaml:3:1: a second document starts here, expected one");
  }

  @Test
  void deepNestingIsRefused() throws IOException {
    assertThat(mistakes("name: a\nmodel: model.onnx\nlabels: " + "[".repeat(100_000)))
        .containsExactly("mlops.yaml:3:29: values are nested deeper than 20 levels");
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.10", "2", "0x1F", "1e5", "true"})
  void aVersionThatIsNoTextMustBeQuoted(String version) throws IOException {
    assertThat(mistakes("name: a\nmodel: model.onnx\nversion: " + version))
        .singleElement()
        .asString()
        .startsWith("mlops.yaml:3:10: `version`: found the ")
        .endsWith("%s, expected text: quote it, \"%s\"".formatted(version, version));
    assertThat(read("name: a\nmodel: model.onnx\nversion: \"%s\"".formatted(version)).version())
        .isEqualTo(version);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.0+build", ".1", "-1.0", "a b", "ä", "a/b"})
  void aVersionThatIsNoTagIsRefused(String version) throws IOException {
    assertThat(mistakes("name: a\nmodel: model.onnx\nversion: '%s'".formatted(version)))
        .singleElement()
        .asString()
        .contains(
            "`version`: found `" + version + "`, expected a version that can be an image tag");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Iris", "a_b", "-a", "a-", "a.b"})
  void aNameThatIsNoDnsLabelIsRefused(String name) throws IOException {
    assertThat(mistakes("name: %s\nmodel: model.onnx".formatted(name)))
        .singleElement()
        .asString()
        .contains("`name`: found `" + name + "`, expected a DNS label");
  }

  @Test
  void theNameOfAnEnvironmentIsNoVersion() throws IOException {
    assertThat(mistakes("name: a\nmodel: model.onnx\nversion: prod\n"))
        .containsExactly(
            "mlops.yaml:3:10: `version`: `prod` is the name of an environment, whose tag moves");
    assertThat(read("name: a\nmodel: model.onnx\nversion: prod\nenvironments: {dev: }\n").version())
        .isEqualTo("prod");
  }

  @Test
  void filesMayNotLeaveTheProjectThroughLinks() throws IOException {
    Path outside = Files.writeString(directory.resolveSibling("outside.onnx"), "x");
    Files.createSymbolicLink(directory.resolve("link.onnx"), outside);
    Files.createSymbolicLink(directory.resolve("dangling.onnx"), Path.of("nowhere"));

    assertThat(mistakes("name: a\nmodel: link.onnx\n"))
        .containsExactly(
            "mlops.yaml:2:8: `model`: `link.onnx` leads out of the project through a link");
    assertThat(mistakes("name: a\nmodel: dangling.onnx\n"))
        .containsExactly(
            "mlops.yaml:2:8: `model`: `dangling.onnx` is a link to something that does not exist");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/etc/hostname", "..", "a/../../b", "../x"})
  void pathsThatLeaveTheProjectAreRefused(String path) throws IOException {
    assertThat(mistakes("name: a\nmodel: %s\n".formatted(path)))
        .containsExactly(
            "mlops.yaml:2:8: `model`: found `%s`, expected a path inside the project, relative to the manifest"
                .formatted(path));
  }

  @ParameterizedTest
  @ValueSource(strings = {".", ".mlo", ".mlo/store"})
  void theProjectItselfIsNoModel(String path) throws IOException {
    Files.createDirectories(directory.resolve(".mlo/store"));

    assertThat(mistakes("name: a\nmodel: %s\n".formatted(path)))
        .containsExactly(
            "mlops.yaml:2:8: `model`: `%s` is the project's directory or mlo's own, expected a file or directory below it"
                .formatted(path));
  }

  @Test
  void aPipeIsNoModel() throws Exception {
    Path pipe = directory.resolve("pipe.onnx");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();

    assertThat(mistakes("name: a\nmodel: pipe.onnx\n"))
        .containsExactly(
            "mlops.yaml:2:8: `model`: `pipe.onnx` is a pipe, a socket or a device, expected a"
                + " file");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "[1]|holds no object, expected `{\"accuracy\": 0.9}`",
        "{\"auc\": \"good\"}|gives `auc`, which is no number",
        "{|cannot be read as JSON: Unexpected end-of-input"
      })
  void aMetricsFileMustHoldNumbers(String content, String reason) throws IOException {
    put("metrics.json", content);

    assertThat(mistakes("name: a\nmodel: model.onnx\nprovenance: {metrics: metrics.json}\n"))
        .singleElement()
        .asString()
        .startsWith("mlops.yaml:3:23: `provenance.metrics`: `metrics.json` " + reason);
  }

  @Test
  void anEnvironmentComesAfterOneThatIsWrittenBefore() throws IOException {
    assertThat(
            mistakes(
                """
                name: a
                model: model.onnx
                environments:
                  dev: {after: prod, store: ~/x}
                  prod: {after: prod}
                """))
        .containsExactly(
            "mlops.yaml:4:16: `environments.dev.after`: `prod` is not written before it",
            "mlops.yaml:4:29: `environments.dev.store`: found `~/x`, expected a whole path: `~` is"
                + " not replaced",
            "mlops.yaml:5:17: `environments.prod.after`: `prod` is not written before it");
    assertThat(mistakes("name: a\nmodel: model.onnx\nenvironments: {}\n"))
        .containsExactly("mlops.yaml:3:15: `environments`: found none, expected at least one name");
  }

  @Test
  void aHundredMistakesAreShownAndTheRestCounted() throws IOException {
    var manifest = new StringBuilder("name: a\nmodel: model.onnx\n");
    for (int i = 0; i < 150; i++) {
      manifest.append("unknown").append(i).append(": 1\n");
    }

    assertThat(mistakes(manifest.toString())).hasSize(101).last().isEqualTo("and 50 more");
  }

  @Test
  void aManifestMayBeNamedItself() throws IOException {
    Path other = put("other.yaml", "name: a\nmodel: model.onnx\n");

    assertThat(ProjectReader.read(other).manifest()).isEqualTo(other);
  }
}
