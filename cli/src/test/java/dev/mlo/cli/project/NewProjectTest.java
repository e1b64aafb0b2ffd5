package dev.mlo.cli.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NewProjectTest {
  private static final Path EXAMPLES =
      Files.isDirectory(Path.of("examples")) ? Path.of("examples") : Path.of("../examples");

  @TempDir Path temporary;
  private Path directory = Path.of("");

  @BeforeEach
  void emptyDirectory() throws IOException {
    directory = Files.createDirectories(temporary.toRealPath().resolve("My Flowers!"));
  }

  private void model(String name) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.resolveSibling(""));
    Files.copy(EXAMPLES.resolve("iris/1.0.0/model.onnx"), file);
  }

  private NewProject.Result create(@Nullable String name, @Nullable String from, boolean force)
      throws IOException {
    return NewProject.create(
        new NewProject.Request(directory, name, from == null ? null : Path.of(from), force, false));
  }

  private Failure refusal(@Nullable String name, @Nullable String from) {
    Failure failure = catchThrowableOfType(Failure.class, () -> create(name, from, false));
    assertThat(failure).isNotNull();
    return failure;
  }

  @Test
  void whatIsWrittenCanBeBuiltAsItIs() throws IOException {
    model("model.onnx");

    NewProject.Result result = create(null, null, false);

    assertThat(result.name()).isEqualTo("my-flowers");
    assertThat(result.directoryName()).isEqualTo("My Flowers!");
    assertThat(Validation.run(directory)).isInstanceOf(Validation.Outcome.Sound.class);
    assertThat(directory.resolve(".mlo/schema.json")).isRegularFile();
    assertThat(result.text())
        .startsWith("# yaml-language-server: $schema=.mlo/schema.json\n")
        .contains(
            """
            schema: mlo/v1
            name: my-flowers
            version: 0.1.0
            """)
        .contains(
            """
            model:
              path: model.onnx
              format: onnx
              # Read from the model; write it down only to narrow it.
              # inputs:
              #   - {name: features, datatype: FP32, shape: [-1, 4]}
              # outputs:
              #   - {name: label, datatype: BYTES, shape: [-1]}
              #   - {name: probabilities, datatype: FP32, shape: [-1, 3]}
            """);
  }

  @Test
  void everyCommentedKeyIsRightWhenTheCommentIsTakenAway() throws IOException {
    model("model.onnx");
    Path examples = Files.createDirectories(directory.resolve("examples"));
    Files.writeString(examples.resolve("one.json"), "{}");
    Files.writeString(examples.resolve("one.expected.json"), "{}");
    Files.createDirectories(directory.resolve("data"));
    Files.writeString(directory.resolve("data/train.csv"), "1");
    Path manifest = create(null, null, false).manifest();

    String open =
        Files.readString(manifest)
            .replaceAll("(?m)^# (?=[a-z]+:( |$)|  )", "")
            .replaceAll("(?m)^  # (?=inputs:|outputs:|  - )", "  ");
    Files.writeString(manifest, open);

    Project project = ProjectReader.read(directory);
    assertThat(project.license()).isEqualTo("Apache-2.0");
    assertThat(project.model().inputs()).hasSize(1);
    assertThat(project.environments()).hasSize(3);
    assertThat(project.provenance()).isNotNull();
  }

  @Test
  void examplesBesideTheModelAreTakenAlong() throws IOException {
    model("model.onnx");
    Path examples = Files.createDirectories(directory.resolve("examples"));
    for (String name :
        new String[] {"b.json", "b.expected.json", "a.json", "a.expected.json", "c.json"}) {
      Files.writeString(examples.resolve(name), "{}");
    }

    assertThat(create(null, null, false).examples()).isEqualTo(2);
    assertThat(ProjectReader.read(directory).examples())
        .extracting(Project.Example::request)
        .containsExactly(examples.resolve("a.json"), examples.resolve("b.json"));
  }

  @Test
  void aManifestThatIsThereStays() throws IOException {
    model("model.onnx");
    Path manifest = Files.writeString(directory.resolve("mlops.yaml"), "mine");

    Failure failure = refusal(null, null);

    assertThat(failure.what()).isEqualTo("`%s` is there already".formatted(manifest));
    assertThat(manifest).hasContent("mine");
    create(null, null, true);
    assertThat(ProjectReader.read(directory).name()).isEqualTo("my-flowers");
  }

  @Test
  void aDryRunWritesNothing() throws IOException {
    model("model.onnx");

    NewProject.Result result =
        NewProject.create(new NewProject.Request(directory, null, null, false, true));

    assertThat(result.written()).isFalse();
    assertThat(result.text()).contains("name: my-flowers");
    assertThat(directory.toFile().list()).containsExactly("model.onnx");
  }

  @Test
  void severalModelsMustBeChosenFrom() throws IOException {
    model("a.onnx");
    model("sub/b.onnx");

    Failure failure = refusal(null, null);

    assertThat(failure.code()).isEqualTo(ExitCode.MANIFEST);
    assertThat(failure.why()).containsExactly("a.onnx", "sub/b.onnx");
    assertThat(failure.hint()).isEqualTo("mlo init --from a.onnx");
    assertThat(create(null, "sub/b.onnx", false).modelPath()).isEqualTo("sub/b.onnx");
  }

  @Test
  void aModelMayBeADirectory() throws IOException {
    model("net/model.onnx");
    model("net/other.onnx");

    assertThat(create("net", "net", false).modelPath()).isEqualTo("net");
    assertThat(Validation.run(directory)).isInstanceOf(Validation.Outcome.Sound.class);
  }

  @Test
  void aNameWithLettersYamlMindsIsQuoted() throws IOException {
    model("my: model #1.onnx");

    create("007", null, false);

    assertThat(ProjectReader.read(directory).name()).isEqualTo("007");
    assertThat(ProjectReader.read(directory).model().path())
        .isEqualTo(directory.resolve("my: model #1.onnx"));
  }

  @Test
  void nothingToPackageIsSaid() {
    Failure failure = refusal(null, null);

    assertThat(failure.what()).isEqualTo("there is no model in `%s`".formatted(directory));
    assertThat(failure.hint()).contains("ONNX");
  }

  @Test
  void aModelElsewhereIsRefused() throws IOException {
    Path elsewhere = Files.createDirectories(directory.resolveSibling("elsewhere"));
    Path model = Files.copy(EXAMPLES.resolve("iris/1.0.0/model.onnx"), elsewhere.resolve("m.onnx"));

    assertThat(refusal(null, model.toString()).what())
        .isEqualTo("the model `%s` is not below `%s`".formatted(model, directory));
    assertThat(refusal(null, "gone.onnx").code()).isEqualTo(ExitCode.NOT_FOUND);
  }

  @Test
  void aNameThatIsNoDnsLabelIsRefusedWithOneThatIs() throws IOException {
    model("model.onnx");

    Failure failure = refusal("My_Iris", null);

    assertThat(failure.code()).isEqualTo(ExitCode.USAGE);
    assertThat(failure.hint()).isEqualTo("mlo init --name my-iris");
  }

  @ParameterizedTest
  @CsvSource({"iris,iris", "Iris 2,iris-2", "--x--,x", "Blüten,bl-ten", "模型,model", "'',model"})
  void anyTextHasADnsLabelNearIt(String text, String label) {
    assertThat(NewProject.derived(text)).isEqualTo(label);
    assertThat(NewProject.derived("a-".repeat(50))).hasSize(63).doesNotEndWith("-");
  }
}
