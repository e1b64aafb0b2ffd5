package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(Installed.class)
class VersionTest {
  private static final String VERSION = System.getProperty("mlo.version", "0.1.0");

  @Test
  void theShortOptionAndTheCommandAgree(Mlo mlo) {
    Outcome option = mlo.run("--version");

    assertThat(option).isEqualTo(new Outcome(0, "mlo " + VERSION + "\n", ""));
    assertThat(mlo.run("version", "-q").word()).isEqualTo(VERSION);
  }

  @Test
  void jsonIsOneDocumentAndNothingElse(Mlo mlo) {
    Outcome version = mlo.run("version", "-o", "json");

    assertThat(version.exit()).isZero();
    assertThat(version.stderr()).isEmpty();
    assertThat(version.json().path("schemaVersion").asInt()).isEqualTo(1);
    assertThat(version.json().path("version").asText()).isEqualTo(VERSION);
    assertThat(version.json().path("java").asText()).startsWith("25");
  }

  @Test
  void theOptionTakesTheOptionsOfTheCommand(Mlo mlo) {
    assertThat(mlo.run("--version", "-o", "json")).isEqualTo(mlo.run("version", "-o", "json"));
    assertThat(mlo.run("-q", "-V").word()).isEqualTo(VERSION);
  }

  @Test
  void anUnknownCommandIsAUsageErrorWithOneMessage(Mlo mlo) {
    Outcome outcome = mlo.run("bild");

    assertThat(outcome.exit()).isEqualTo(2);
    assertThat(outcome.stdout()).isEmpty();
    assertThat(outcome.stderr()).startsWith("error: ").contains("bild").contains("hint: ");
  }

  @Test
  void theAotCacheOfExactlyTheseJarsIsUsed(Mlo mlo, @TempDir Path folder) throws IOException {
    Path log = folder.resolve("classes");
    Outcome outcome =
        mlo.with("MLO_JAVA_OPTS", "-Xlog:class+load:file=" + log).run("version", "-q");

    assertThat(outcome.exit()).isZero();
    assertThat(Files.readAllLines(log))
        .filteredOn(
            line -> line.contains(" dev.mlo.cli.Mlo ") || line.contains("picocli.CommandLine "))
        .hasSize(2)
        .allMatch(line -> line.contains("shared objects file"));
  }

  /// What the installer rehearsed is what people do: a command that was turned away at its start
  /// would leave its work's classes out.
  @Test
  void theAotCacheKnowsTheClassesOfWork(Mlo mlo, @TempDir Path folder) throws IOException {
    Path log = folder.resolve("classes");
    IrisProject.lay(folder, "1.0.0");
    Outcome outcome =
        mlo.with("MLO_JAVA_OPTS", "-Xlog:class+load:file=" + log).in(folder).run("build", "-q");

    assertThat(outcome.exit()).as(outcome.stderr()).isZero();
    assertThat(Files.readAllLines(log))
        .filteredOn(line -> line.contains(" dev.mlo.") && line.contains("source: file:"))
        .isEmpty();
  }

  @Test
  void javaOptionsOfTheEnvironmentNeitherReachItNorMakeItTalk(Mlo mlo) {
    Outcome outcome = mlo.with("JAVA_TOOL_OPTIONS", "-Dmlo.version=0").run("--version");

    assertThat(outcome).isEqualTo(new Outcome(0, "mlo " + VERSION + "\n", ""));
  }

  @Test
  void itRunsFromAnyLinkAndAnyDirectory(Mlo mlo, @TempDir Path folder) throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("other name"), mlo.command());

    assertThat(mlo.as(link).in(Path.of("/")).run("version", "-q").word()).isEqualTo(VERSION);
  }
}
