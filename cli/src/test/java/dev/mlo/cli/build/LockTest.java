package dev.mlo.cli.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.cli.Installation;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.ProjectReader;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LockTest {
  @TempDir Path temporary;

  private Installation installation = new Installation(Path.of(""));
  private Path project = Path.of("");
  private Path lock = Path.of("");

  @BeforeEach
  void prepare() throws IOException {
    installation = Fixture.installation(temporary.resolve("home"));
    project = Fixture.iris(temporary.resolve("project"));
    lock = project.resolve("mlo.lock");
  }

  private ImageBuild.Result build(ImageBuild.Locking locking, boolean dryRun) throws IOException {
    return new ImageBuild(installation, BuildLog.SILENT)
        .build(
            new ImageBuild.Request(
                ProjectReader.read(project),
                List.of(),
                List.of(),
                ImageConfig.EPOCH,
                locking,
                dryRun));
  }

  private Failure refused() {
    Failure failure =
        Objects.requireNonNull(
            catchThrowableOfType(Failure.class, () -> build(ImageBuild.Locking.REQUIRE, false)));
    assertThat(failure.code()).isEqualTo(ExitCode.MANIFEST);
    assertThat(failure.hint()).startsWith("mlo build --lock");
    return failure;
  }

  @Test
  void theSameBuildWritesTheSameLockAndPassesIt() throws IOException {
    Digest digest = build(ImageBuild.Locking.WRITE, false).digest();
    String first = Files.readString(lock);
    assertThat(first).startsWith("{\n  \"lock\": 1,\n").endsWith("}\n").contains("\"model.onnx\"");
    assertThat(build(ImageBuild.Locking.REQUIRE, false).digest()).isEqualTo(digest);
    build(ImageBuild.Locking.WRITE, false);
    assertThat(lock).hasContent(first);
  }

  @Test
  void buildsThatAreNotAskedToDoNotTouchTheLock() throws IOException {
    build(ImageBuild.Locking.OFF, false);
    build(ImageBuild.Locking.WRITE, true);
    assertThat(lock).doesNotExist();
    assertThat(refused().getMessage()).contains("there is no mlo.lock");
  }

  @Test
  void everyDifferenceIsNamed() throws IOException {
    Fixture.replace(project.resolve("mlops.yaml"), "model: model.onnx", "model: {path: model/}");
    Files.createDirectory(project.resolve("model"));
    Files.move(project.resolve("model.onnx"), project.resolve("model/model.onnx"));
    for (String name : List.of("changed", "grown", "gone")) {
      Files.writeString(project.resolve("model").resolve(name), "12");
    }
    Digest before = build(ImageBuild.Locking.WRITE, false).digest();
    Files.writeString(project.resolve("model/changed"), "21");
    Files.writeString(project.resolve("model/grown"), "123");
    Files.delete(project.resolve("model/gone"));
    Files.writeString(project.resolve("model/new"), "1");
    Path base =
        TestBase.layout(temporary.resolve("base"), "debian", TestBase.withGlibc(installation));
    new RunnerImage(installation, BuildLog.SILENT).build(Fixture.on("oci:" + base, TestBase.AMD64));

    assertThat(refused().why())
        .satisfiesExactly(
            runner -> assertThat(runner).startsWith("the runner image for linux/amd64 is sha256:"),
            stands -> assertThat(stands).contains("oci:debian@sha256:", "locked is bundled"),
            file -> assertThat(file).contains("`changed` is sha256:", "locked is sha256:"),
            file -> assertThat(file).contains("`gone` is missing"),
            file -> assertThat(file).contains("`grown` has 3 bytes, locked are 2"),
            file -> assertThat(file).contains("`new` is not locked"));
    assertThat(
            dev.mlo.oci.LayoutStore.open(project.resolve(".mlo/store"))
                .resolve("iris:1.0.0")
                .digest())
        .isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{\"lock\": 1, \"runners\": [], \"model\": [], \"more\": 1}",
        "{\"lock\": 2, \"runners\": [], \"model\": []}",
        "{\"lock\": 1, \"runners\": {}, \"model\": []}",
        "{\"lock\": 1, \"runners\": [], \"runners\": [], \"model\": []}",
        "{\"lock\": 1, \"runners\": [], \"model\": [{\"path\": \"a\", \"size\": -1, \"digest\":"
            + " \"sha256:0000000000000000000000000000000000000000000000000000000000000000\"}]}",
        "{\"lock\": 1, \"runners\": [], \"model\": [{\"path\": \"a\", \"size\": 1, \"digest\":"
            + " \"sha256:0\"}]}",
        "{\"lock\": 1, \"runners\": [], \"model\": [{\"path\": \"\\u001b[2J\", \"size\": 1,"
            + " \"digest\": \"x\"}]}",
        "{\"lock\": 1, \"runners\": [7], \"model\": []} "
      })
  void whatIsNoLockIsRefused(String text) throws IOException {
    Files.writeString(lock, text);
    Failure failure = refused();
    assertThat(failure.getMessage()).isEqualTo("`mlo.lock` cannot be read");
    assertThat(failure.why().getFirst()).doesNotContain("\u001b");
    assertThat(project.resolve(".mlo")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"mkdir", "mkfifo"})
  @Timeout(60)
  void aLockThatIsNoFileCannotBeRead(String make) throws Exception {
    assertThat(new ProcessBuilder(make, lock.toString()).start().waitFor()).isZero();
    Failure failure = refused();
    assertThat(failure.code()).isEqualTo(ExitCode.MANIFEST);
    assertThat(failure.getMessage()).isEqualTo("`mlo.lock` cannot be read");
  }

  @Test
  void theLockOfALaterMloIsToldByItsVersion() throws IOException {
    Files.writeString(lock, "{\"lock\": 2, \"images\": []}");
    assertThat(refused().why()).containsExactly("`lock` is 2; this mlo knows version 1");
  }
}
