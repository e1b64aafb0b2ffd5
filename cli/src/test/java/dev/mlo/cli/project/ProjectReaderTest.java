package dev.mlo.cli.project;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.contract.Batching;
import dev.mlo.contract.DataType;
import dev.mlo.contract.ServeSettings;
import dev.mlo.contract.Shape;
import dev.mlo.contract.TensorSpec;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a manifest says, and what it may not say.
class ProjectReaderTest {
  private ManifestTrial project;

  @BeforeEach
  void project(@TempDir Path temporary) throws IOException {
    project = ManifestTrial.in(temporary);
  }

  @Test
  void theSmallestManifestIsANameAndAModel() throws IOException {
    Project understood = project.read("name: iris\nmodel: model.onnx\n");

    assertThat(understood.directory()).isEqualTo(project.directory());
    assertThat(understood.manifest()).isEqualTo(project.directory().resolve("mlops.yaml"));
    assertThat(understood.name()).isEqualTo("iris");
    assertThat(understood.version()).isNull();
    assertThat(understood.model().path()).isEqualTo(project.directory().resolve("model.onnx"));
    assertThat(understood.serve()).isEqualTo(ServeSettings.DEFAULT);
    assertThat(understood.ledger()).isEqualTo(project.directory().resolve(".mlo/ledger.git"));
    assertThat(understood.environments())
        .containsExactly(
            new Environment(
                "dev", project.directory().resolve(".mlo/envs/dev"), null, false, List.of()),
            new Environment(
                "test", project.directory().resolve(".mlo/envs/test"), "dev", true, List.of()),
            new Environment(
                "prod", project.directory().resolve(".mlo/envs/prod"), "test", true, List.of()));
  }

  @Test
  void everythingThatCanBeSaidIsUnderstood() throws IOException {
    Project understood =
        project.read(
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

    assertThat(understood.version()).isEqualTo("2.3.0");
    assertThat(understood.description()).isEqualTo("Card fraud score");
    assertThat(understood.labels()).isEqualTo(Map.of("team", "risk", "tier", "1"));
    assertThat(understood.model().inputs())
        .containsExactly(new TensorSpec("features", DataType.FP32, Shape.of(-1, 12)));
    assertThat(understood.model().outputs())
        .containsExactly(new TensorSpec("score", DataType.FP64, Shape.of()));
    assertThat(understood.model().parameters())
        .hasToString("{\"threshold\":0.71,\"steps\":3,\"words\":[\"yes\",true,null]}");
    assertThat(understood.examples())
        .extracting(Project.Example::tolerance)
        .containsExactly(1e-3, 1e-5);
    assertThat(understood.provenance())
        .hasToString(
            "{\"data\":[{\"name\":\"transactions\",\"path\":\"data/train.csv\"}],"
                + "\"metrics\":{\"auc\":0.5},"
                + "\"training\":{\"command\":\"python train.py\",\"run\":\"mlflow://runs/ab12\"}}");
    assertThat(understood.serve())
        .isEqualTo(new ServeSettings(4, 10, 250, 1_000_000, new Batching(16, 5)));
    assertThat(understood.image())
        .isEqualTo(new Project.Image("registry.example.com/ml/fraud-scorer", null, List.of()));
    assertThat(understood.environments())
        .containsExactly(
            new Environment(
                "lab", project.directory().resolve(".mlo/envs/lab"), null, false, List.of()),
            new Environment(
                "live",
                project.directory().resolveSibling("live"),
                "lab",
                false,
                List.of(URI.create("https://fraud-1.prod:8082"), URI.create("http://[::1]:8082"))),
            new Environment("far", Path.of("/srv/far"), "lab", true, List.of()));
    assertThat(understood.ledger()).isEqualTo(project.directory().resolveSibling("ledger.git"));
  }

  @Test
  void everyMistakeIsToldAtOnceInTheOrderOfThePlaces() throws IOException {
    assertThat(
            project.mistakes(
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
            "mlops.yaml:15:37: `provenance.data[0].path`: `data` is a directory, expected"
                + " a file",
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
            project.mistakes(
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
            project.mistakes(
                "name: a\nmodel: model.onnx\nenvironments: {dev: {gates: {%s: 1}}}"
                    .formatted(gate)))
        .containsExactly(
            "mlops.yaml:3:30: `environments.dev.gates.%s` is not supported yet".formatted(gate));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.10", "2", "0x1F", "1e5", "true"})
  void aVersionThatIsNoTextMustBeQuoted(String version) throws IOException {
    assertThat(project.mistakes("name: a\nmodel: model.onnx\nversion: " + version))
        .singleElement()
        .asString()
        .startsWith("mlops.yaml:3:10: `version`: found the ")
        .endsWith("%s, expected text: quote it, \"%s\"".formatted(version, version));
    assertThat(
            project
                .read("name: a\nmodel: model.onnx\nversion: \"%s\"".formatted(version))
                .version())
        .isEqualTo(version);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.0+build", ".1", "-1.0", "a b", "ä", "a/b"})
  void aVersionThatIsNoTagIsRefused(String version) throws IOException {
    assertThat(project.mistakes("name: a\nmodel: model.onnx\nversion: '%s'".formatted(version)))
        .singleElement()
        .asString()
        .contains(
            "`version`: found `" + version + "`, expected a version that can be an image tag");
  }

  @ParameterizedTest
  @ValueSource(strings = {"Iris", "a_b", "-a", "a-", "a.b"})
  void aNameThatIsNoDnsLabelIsRefused(String name) throws IOException {
    assertThat(project.mistakes("name: %s\nmodel: model.onnx".formatted(name)))
        .singleElement()
        .asString()
        .contains("`name`: found `" + name + "`, expected a DNS label");
  }

  @Test
  void theNameOfAnEnvironmentIsNoVersion() throws IOException {
    assertThat(project.mistakes("name: a\nmodel: model.onnx\nversion: prod\n"))
        .containsExactly(
            "mlops.yaml:3:10: `version`: `prod` is the name of an environment, whose tag moves");
    assertThat(
            project
                .read("name: a\nmodel: model.onnx\nversion: prod\nenvironments: {dev: }\n")
                .version())
        .isEqualTo("prod");
  }

  @Test
  void anEnvironmentComesAfterOneThatIsWrittenBefore() throws IOException {
    assertThat(
            project.mistakes(
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
    assertThat(project.mistakes("name: a\nmodel: model.onnx\nenvironments: {}\n"))
        .containsExactly("mlops.yaml:3:15: `environments`: found none, expected at least one name");
  }

  @Test
  void aHundredMistakesAreShownAndTheRestCounted() throws IOException {
    var manifest = new StringBuilder("name: a\nmodel: model.onnx\n");
    for (int i = 0; i < 150; i++) {
      manifest.append("unknown").append(i).append(": 1\n");
    }

    assertThat(project.mistakes(manifest.toString())).hasSize(101).last().isEqualTo("and 50 more");
  }
}
