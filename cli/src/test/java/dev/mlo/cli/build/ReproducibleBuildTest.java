package dev.mlo.cli.build;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.cli.Installation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Same inputs, same digest.
final class ReproducibleBuildTest {
  @TempDir Path temporary;

  private static void disturb(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        boolean program = file.endsWith("bin/java");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000_000_000L));
        Files.setPosixFilePermissions(
            file, PosixFilePermissions.fromString(program ? "rwx------" : "rw-------"));
      }
    }
  }

  @Test
  void directoryTimesAndPermissionsDoNotMatter() throws IOException {
    Installation one = Fixture.installation(temporary.resolve("home"));
    Installation two = Fixture.installation(temporary.resolve("another place/home"));
    Path project = Fixture.iris(temporary.resolve("project"));
    Path copy = Fixture.iris(temporary.resolve("deep/er/größer"));
    disturb(two.home());
    disturb(copy);
    assertThat(Fixture.build(two, copy).digest()).isEqualTo(Fixture.build(one, project).digest());
  }

  @Test
  void orderInWhichFilesWereMadeDoesNotMatter() throws IOException {
    Installation installation = Fixture.installation(temporary.resolve("home"));
    List<String> names = List.of("z.txt", "a.txt", "ü.txt", "B/c.txt", "B.txt");
    Path one = folderProject("one", names);
    Path two = folderProject("two", names.reversed());
    assertThat(Fixture.build(installation, two).digest())
        .isEqualTo(Fixture.build(installation, one).digest());
  }

  private Path folderProject(String name, List<String> files) throws IOException {
    Path project = Fixture.iris(temporary.resolve(name));
    for (String file : files) {
      Fixture.write(project.resolve("model").resolve(file), file);
    }
    Files.move(project.resolve("model.onnx"), project.resolve("model/model.onnx"));
    Fixture.replace(project.resolve("mlops.yaml"), "model: model.onnx", "model: model");
    return project;
  }

  @Test
  void userUmaskTimeZoneLocaleAndWorkingDirectoryDoNotMatter() throws Exception {
    Installation installation = Fixture.installation(temporary.resolve("home"));
    Path project = Fixture.iris(temporary.resolve("project"));
    String here = Fixture.build(installation, project).digest().toString();
    Path elsewhere = Files.createDirectories(temporary.resolve("elsewhere"));
    String command =
        "umask 077 && exec \"$0\" -cp \"$1\" -Duser.name=somebody -Duser.language=tr"
            + " -Duser.country=TR -Duser.timezone=Asia/Tokyo dev.mlo.cli.build.BuildOnce \"$2\""
            + " \"$3\"";
    ProcessBuilder child =
        new ProcessBuilder(
            "/bin/sh",
            "-c",
            command,
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            absolute(System.getProperty("java.class.path")),
            Fixture.installation(temporary.resolve("home2")).home().toString(),
            Fixture.iris(temporary.resolve("project2")).toString());
    child.directory(elsewhere.toFile()).redirectError(ProcessBuilder.Redirect.INHERIT);
    child.environment().put("TZ", "Pacific/Auckland");
    child.environment().put("LC_ALL", "C");
    Process process = child.start();
    String there = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    assertThat(there.strip()).isEqualTo(here);
  }

  private static String absolute(String classPath) {
    return Stream.of(classPath.split(":"))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(java.util.stream.Collectors.joining(":"));
  }

  @Test
  void whereAndHowAnImageIsUsedDoesNotMatter() throws IOException {
    Installation installation = Fixture.installation(temporary.resolve("home"));
    Path one = Fixture.iris(temporary.resolve("one"));
    Path two = Fixture.iris(temporary.resolve("two"));
    Files.writeString(
        two.resolve("mlops.yaml"),
        Files.readString(two.resolve("mlops.yaml"))
            + "image: {repository: registry.example.com/ml/iris}\nenvironments: {live: {}}\n");
    assertThat(Fixture.build(installation, two).digest())
        .isEqualTo(Fixture.build(installation, one).digest());
  }

  @Test
  void whatTheManifestSaysOfTheModelMatters() throws IOException {
    Installation installation = Fixture.installation(temporary.resolve("home"));
    Path project = Fixture.iris(temporary.resolve("project"));
    var before = Fixture.build(installation, project).digest();
    Fixture.replace(project.resolve("mlops.yaml"), "0.0001", "0.001");
    assertThat(Fixture.build(installation, project).digest()).isNotEqualTo(before);
  }
}
