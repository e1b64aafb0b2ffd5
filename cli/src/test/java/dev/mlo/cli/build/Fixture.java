package dev.mlo.cli.build;

import dev.mlo.cli.Installation;
import dev.mlo.cli.project.Images;
import dev.mlo.cli.project.Project;
import dev.mlo.cli.project.ProjectReader;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A small installation and small projects. The installation's Java is the launcher of the one that
/// runs the test, so that there is a real program to find the libraries of; jars and engine are
/// stand-ins.
final class Fixture {
  private Fixture() {}

  static Path repository() {
    Path at = Path.of("").toAbsolutePath();
    while (!Files.isDirectory(at.resolve("examples/iris"))) {
      at = at.getParent();
      if (at == null) {
        throw new IllegalStateException("the tests run outside of the repository");
      }
    }
    return at;
  }

  static Installation installation(Path home) throws IOException {
    Path java = Path.of(System.getProperty("java.home"));
    for (String file : List.of("bin/java", "lib/libjli.so")) {
      Path target = home.resolve("runtime").resolve(file);
      Files.createDirectories(target.resolveSibling(""));
      Files.copy(java.resolve(file), target);
    }
    write(home.resolve("runtime/bin/keytool"), "not wanted in an image");
    write(home.resolve("runner/runner.jar"), "runner");
    write(home.resolve("backends/onnx/engine.jar"), "engine");
    write(home.resolve("backends/onnx/native/libengine.so"), "of this machine's processor");
    Path natives = Files.createDirectories(home.resolve("natives/linux-arm64/onnx"));
    Files.write(
        natives.resolve("libengine.so"),
        ArmElf.of().soname("libengine.so").needs("libstdc++.so.6").bytes());
    return new Installation(home);
  }

  static RunnerImage.Request onBundled() {
    return on(RunnerImage.BUNDLED, TestBase.AMD64);
  }

  static RunnerImage.Request on(String base, Platform platform) {
    return on(base, platform, Map.of());
  }

  /// @param environment the variables by which registries are reached
  static RunnerImage.Request on(String base, Platform platform, Map<String, String> environment) {
    Images places = Images.in(Path.of("")).reaching(environment);
    return new RunnerImage.Request(base, platform, places, ImageConfig.EPOCH, false);
  }

  /// The project of the example iris.
  static Path iris(Path directory) throws IOException {
    Path source = repository().resolve("examples/iris/1.0.0");
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        Path target = directory.resolve(source.relativize(file).toString());
        Files.createDirectories(target.resolveSibling(""));
        Files.copy(file, target);
      }
    }
    return directory;
  }

  static Path write(Path file, String text) throws IOException {
    Files.createDirectories(file.resolveSibling(""));
    return Files.writeString(file, text);
  }

  static void replace(Path file, String old, String now) throws IOException {
    Files.writeString(file, Files.readString(file).replace(old, now));
  }

  static ImageBuild.Request request(Path directory) {
    return request(ProjectReader.read(directory), false);
  }

  static ImageBuild.Request request(Project project, boolean dryRun) {
    return new ImageBuild.Request(
        project, List.of(), List.of(), ImageConfig.EPOCH, ImageBuild.Locking.OFF, dryRun);
  }

  static ImageBuild.Result build(Installation installation, Path directory) throws IOException {
    return new ImageBuild(installation, BuildLog.SILENT).build(request(directory));
  }
}
