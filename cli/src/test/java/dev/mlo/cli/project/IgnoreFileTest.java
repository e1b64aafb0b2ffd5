package dev.mlo.cli.project;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IgnoreFileTest {
  /// y = x w, where w, 4 by 3, lies in `model.onnx.data`.
  private static final String WITH_WEIGHTS =
      """
      CAc6hwEKEQoBeAoBdxIBeSIGTWF0TXVsEgFnKkMIBAgDEAFCAXdqGwoIbG9jYXRpb24SD21vZGVs
      Lm9ubnguZGF0YWoLCgZvZmZzZXQSATBqDAoGbGVuZ3RoEgI0OHABWhQKAXgSDwoNCAESCQoDEgFu
      CgIIBGIUCgF5Eg8KDQgBEgkKAxIBbgoCCANCBAoAEA0=
      """;

  @TempDir Path temporary;
  private Path project = Path.of("");

  @BeforeEach
  void prepare() throws IOException {
    project = temporary.toRealPath();
  }

  private IgnoreFile read(String text) throws IOException {
    Files.writeString(project.resolve(".mloignore"), text);
    var violations = new Violations(".mloignore");
    IgnoreFile file = IgnoreFile.read(project, violations);
    assertThat(violations.sorted()).isEmpty();
    return file;
  }

  private List<String> mistakes(byte[] bytes) throws IOException {
    Files.write(project.resolve(".mloignore"), bytes);
    return mistakes();
  }

  private List<String> mistakes() {
    var violations = new Violations(".mloignore");
    IgnoreFile.read(project, violations);
    return violations.sorted().stream().map(Violation::toString).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "*.tmp,            m/a.tmp,         true",
    "*.tmp,            m/deep/a.tmp,    true",
    "*.tmp,            m/a.tmp.bin,     false",
    "/a.bin,           a.bin,           true",
    "/a.bin,           m/a.bin,         false",
    "m/a.bin,          m/a.bin,         true",
    "m/a.bin,          x/m/a.bin,       false",
    "runs/,            runs/1/a.bin,    true",
    "runs/,            m/runs/a.bin,    true",
    "runs/,            m/runs,          false",
    "a/**/z,           a/z,             true",
    "a/**/z,           a/b/c/z,         true",
    "**/cache,         x/y/cache/a,     true",
    "m/**,             m/x/y,           true",
    "x?z,              xyz,             true",
    "[ab].bin,         b.bin,           true",
    "[!ab].bin,        b.bin,           false",
    "'\\#a',           '#a',            true",
    "'\\!a',           '!a',            true",
    "'größe*',         m/größe.txt,     true"
  })
  void patternsMeanWhatTheyMeanToGit(String pattern, String file, boolean ignored)
      throws IOException {
    assertThat(read(pattern + "\n").matches(project.resolve(file), false)).isEqualTo(ignored);
  }

  @Test
  void theLastPatternDecidesButNotBelowAFolderThatIsOut() throws IOException {
    IgnoreFile file = read("# comment\r\n*.bin\r\n!keep.bin\r\n\r\nout/\r\n!out/keep.bin\r\n");

    assertThat(file.matches(project.resolve("a.bin"), false)).isTrue();
    assertThat(file.matches(project.resolve("m/keep.bin"), false)).isFalse();
    assertThat(file.matches(project.resolve("out/keep.bin"), false)).isTrue();
    assertThat(file.matches(project.resolve("# comment"), false)).isFalse();
  }

  @Test
  void withoutAFileNothingIsLeftOut() {
    assertThat(mistakes()).isEmpty();
    assertThat(IgnoreFile.read(project, new Violations("")).isEmpty()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"a*a*a*a*b", "m/*a*a*a*a/x"})
  void aPatternThatCouldTryForDaysIsRefused(String pattern) throws IOException {
    assertThat(
            mistakes(("ok\n" + pattern + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .containsExactly(
            ".mloignore:2:1: `%s`: a name takes at most 3 times `*`".formatted(pattern));
  }

  /// Exactly what is allowed, against the name that costs most. A backtracking matcher without the
  /// bounds needs hours for it.
  @Test
  @Timeout(20)
  void theWorstThatIsAllowedEndsSoon() throws IOException {
    var text = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      text.append("a*a*a*x").append(i).append('\n');
    }
    for (int i = 0; i < 980; i++) {
      text.append("a*a*x").append(i).append('\n');
    }
    assertThat(read(text.toString()).matches(project.resolve("a".repeat(255)), false)).isFalse();
  }

  @Test
  void costlyPatternsAreCounted() throws IOException {
    assertThat(mistakes("a*b*c*d\n".repeat(21).getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .containsExactly(
            ".mloignore:21:1: `a*b*c*d`: at most 20 patterns have 3 times `*` in a name");
  }

  @Test
  void whatIsTooLargeOrNoTextIsRefused() throws IOException {
    assertThat(mistakes(new byte[(64 << 10) + 1]))
        .containsExactly(".mloignore:1:1: the file is larger than 64 KiB");
    assertThat(mistakes(new byte[] {(byte) 0xff, '\n'}))
        .containsExactly(".mloignore:1:1: found bytes that are not UTF-8");
    assertThat(mistakes("a\n".repeat(1001).getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .containsExactly(".mloignore:1001:1: there are more than 1000 patterns");
    assertThat(mistakes("x".repeat(501).getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .containsExactly(".mloignore:1:1: the pattern is longer than 500 characters");
    assertThat(mistakes("a\n[z-\n".getBytes(java.nio.charset.StandardCharsets.UTF_8)))
        .containsExactly(".mloignore:2:1: `[z-` is no pattern, expected git's syntax");
  }

  @Test
  void aLinkOrADirectoryIsRefused() throws IOException {
    Files.writeString(project.resolve("elsewhere"), "x");
    Files.createSymbolicLink(project.resolve(".mloignore"), Path.of("elsewhere"));

    assertThat(mistakes())
        .containsExactly(".mloignore:1:1: it is a link, a directory or a device, expected a file");
  }

  @Test
  void mistakesOfBothFilesAreToldAtOnce() throws IOException {
    Files.writeString(project.resolve("mlops.yaml"), "name: A\nmodel: gone.onnx\n");
    Files.writeString(project.resolve(".mloignore"), "[z-\n");

    assertThat(ProjectReader.check(project))
        .isInstanceOfSatisfying(
            ProjectReader.Reading.Wrong.class,
            wrong ->
                assertThat(wrong.violations())
                    .extracting(Violation::file)
                    .containsExactly("mlops.yaml", "mlops.yaml", ".mloignore"));
  }

  @Test
  void validationListsWhatIsLeftOut() throws IOException {
    Path model = Files.createDirectories(project.resolve("m/old"));
    Path examples =
        Files.isDirectory(Path.of("examples")) ? Path.of("examples") : Path.of("../examples");
    Files.copy(examples.resolve("iris/1.0.0/model.onnx"), project.resolve("m/model.onnx"));
    Files.writeString(model.resolve("x.onnx"), "x");
    Files.writeString(project.resolve("m/a.tmp"), "x");
    Files.writeString(project.resolve("m/.hidden"), "x");
    Files.writeString(project.resolve("mlops.yaml"), "name: a\nmodel: m\n");
    Files.writeString(project.resolve(".mloignore"), "*.tmp\nold/\n");

    assertThat(Validation.run(project))
        .isInstanceOfSatisfying(
            Validation.Outcome.Sound.class,
            sound ->
                assertThat(sound.notes())
                    .containsExactly(
                        "`.mloignore` leaves out a.tmp, old/",
                        "hidden files and litter are left out: .hidden"));
  }

  /// As a build refuses it: the model could not be opened in the image.
  @Test
  void validationRefusesAModelWhoseWeightsAreLeftOut() throws IOException {
    Files.write(
        project.resolve("model.onnx"), java.util.Base64.getMimeDecoder().decode(WITH_WEIGHTS));
    Files.write(project.resolve("model.onnx.data"), new byte[48]);
    Files.writeString(project.resolve("mlops.yaml"), "name: a\nmodel: model.onnx\n");
    assertThat(Validation.run(project)).isInstanceOf(Validation.Outcome.Sound.class);
    Files.writeString(project.resolve(".mloignore"), "*.data\n");

    Failure failure = catchThrowableOfType(Failure.class, () -> Validation.run(project));

    assertThat(failure).isNotNull();
    assertThat(failure.code()).isEqualTo(ExitCode.MANIFEST);
    assertThat(failure.why()).containsExactly("model.onnx.data");
    assertThat(failure.hint()).contains(".mloignore");
  }
}
