package dev.mlo.cli.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.ProjectTemplate.Ci;
import dev.mlo.cli.project.ProjectTemplate.Format;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ProjectTemplateTest {
  @TempDir Path temporary;
  private Path directory = Path.of("");

  @BeforeEach
  void prepare() throws IOException {
    directory = Files.createDirectories(temporary.toRealPath().resolve("My Project"));
  }

  private ProjectTemplate.Result write(
      @Nullable Format format, List<Ci> ci, boolean force, boolean dryRun) throws IOException {
    return ProjectTemplate.write(
        new ProjectTemplate.Request(directory, null, format, ci, force, dryRun));
  }

  private Failure refusal(@Nullable Format format, List<Ci> ci) {
    return Objects.requireNonNull(
        catchThrowableOfType(Failure.class, () -> write(format, ci, false, false)));
  }

  @ParameterizedTest
  @EnumSource
  void everyTemplateIsAProjectThatIsSound(Format format) throws IOException {
    ProjectTemplate.Result result = write(format, List.of(Ci.values()), false, false);

    assertThat(result.files()).last().isEqualTo("mlops.yaml");
    assertThat(result.files())
        .contains(
            ".mloignore",
            ".github/workflows/mlo.yml",
            ".gitlab-ci.yml",
            "Jenkinsfile",
            "train.py",
            "train.ipynb")
        .allSatisfy(file -> assertThat(directory.resolve(file)).isRegularFile());
    assertThat(directory.resolve(".mlo/schema.json")).isRegularFile();
    assertThat(directory.resolve("mlops.yaml"))
        .content()
        .startsWith("# yaml-language-server: $schema=.mlo/schema.json\n")
        .contains("name: my-project\n");
    assertThat(Validation.run(directory)).isInstanceOf(Validation.Outcome.Sound.class);
    assertThat(ProjectReader.read(directory).examples()).isNotEmpty();
  }

  @Test
  void whatIsThereStaysAllOfIt() throws IOException {
    Files.writeString(directory.resolve("train.py"), "mine");
    Files.writeString(directory.resolve("Jenkinsfile"), "mine too");

    Failure failure = refusal(Format.ONNX, List.of(Ci.JENKINS));

    assertThat(failure.what()).isEqualTo("2 files are there already in `%s`".formatted(directory));
    assertThat(failure.why()).containsExactly("train.py", "Jenkinsfile");
    assertThat(directory.toFile().list()).containsExactlyInAnyOrder("train.py", "Jenkinsfile");
    write(Format.ONNX, List.of(Ci.JENKINS), true, false);
    assertThat(directory.resolve("train.py")).content().contains("sklearn");
  }

  @Test
  void aDryRunWritesNothing() throws IOException {
    assertThat(write(Format.ONNX, List.of(), false, true).files()).contains("model.onnx");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void aFileForCiNeedsAProjectAndIsAllThatIsAdded() throws IOException {
    assertThat(refusal(null, List.of(Ci.GITLAB)).hint()).startsWith("mlo init");
    write(Format.ONNX, List.of(Ci.GITHUB), false, false);

    assertThat(write(null, List.of(Ci.GITLAB), false, false).files())
        .containsExactly(".gitlab-ci.yml");
    assertThat(refusal(null, List.of(Ci.GITLAB)).what()).endsWith("is there already");
  }

  @Test
  void aLinkThatLeadsOutIsNotFollowed() throws IOException {
    Path elsewhere = Files.createDirectories(temporary.resolve("elsewhere"));
    Files.createSymbolicLink(directory.resolve("examples"), elsewhere);

    assertThat(refusal(Format.ONNX, List.of()).what()).contains("leads out of the project");
    assertThat(elsewhere).isEmptyDirectory();
  }
}
