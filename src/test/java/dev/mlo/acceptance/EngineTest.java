package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// What tests of the command with a real engine stand on: an engine for each class, without
/// containers and images of the test before.
abstract class EngineTest {
  private static final String KEPT = "kept:layers";

  @TempDir static Path shared;
  private static @Nullable DockerDaemon engine;

  @TempDir Path project;

  @BeforeAll
  static void startEngine() throws IOException {
    engine = DockerDaemon.start(shared.resolve("docker"));
  }

  @AfterAll
  static void stopEngine() throws IOException {
    if (engine != null) {
      engine.close();
      engine = null;
    }
  }

  @BeforeEach
  void noContainersAndOneImage(Mlo user) throws IOException {
    remove(lines("ps", "--all", "--quiet"), "rm", "--force", "--volumes");
    if (lines("images", "--quiet", KEPT).isEmpty()) {
      keepLayers(user);
    }
    List<String> others = new ArrayList<>(lines("images", "--all", "--quiet", "--no-trunc"));
    others.removeAll(lines("images", "--quiet", "--no-trunc", KEPT));
    remove(others, "rmi", "--force");
  }

  /// The engine takes the runner's layers once, and not for each test.
  private void keepLayers(Mlo user) throws IOException {
    Path kept = Files.createDirectory(project.resolve("kept"));
    IrisProject.lay(kept, "1.0.0");
    Path manifest = kept.resolve("mlops.yaml");
    Files.writeString(
        manifest, Files.readString(manifest).replace("version: 1.0.0", "version: 0.0.1"));
    Mlo mlo = in(user).in(kept);
    succeed(mlo.run("build", "-q"));
    succeed(mlo.run("copy", "iris:0.0.1", "docker:" + KEPT));
  }

  static void noImages() {
    remove(lines("images", "--all", "--quiet"), "rmi", "--force");
  }

  private static void remove(List<String> what, String... words) {
    if (!what.isEmpty()) {
      var line = new ArrayList<>(List.of(words));
      line.addAll(what);
      docker(line.toArray(String[]::new));
    }
  }

  static List<String> lines(String... words) {
    return docker(words).lines().filter(line -> !line.isEmpty()).distinct().toList();
  }

  /// The images of the test.
  static List<String> images(String format) {
    return lines("images", "--digests", "--format=" + format).stream()
        .filter(name -> !name.startsWith(KEPT.substring(0, KEPT.indexOf(':'))))
        .toList();
  }

  @AfterEach
  void nothingIsLeftOfAnExport(Mlo user) throws IOException {
    Path scratch = user.home().resolve(".cache/mlo/docker");
    if (Files.exists(scratch)) {
      assertThat(scratch).isEmptyDirectory();
    }
  }

  static String docker(String... words) {
    Outcome outcome = engine().docker(words);
    assertThat(outcome.exit()).as(outcome.toString()).isZero();
    return outcome.word();
  }

  static DockerDaemon engine() {
    if (engine == null) {
      throw new IllegalStateException("the engine does not run");
    }
    return engine;
  }

  Mlo in(Mlo user) {
    return user.in(project).with("DOCKER_HOST", engine().host());
  }

  Mlo build(Mlo user, String... versions) throws IOException {
    Mlo mlo = in(user);
    for (String version : versions) {
      IrisProject.lay(project, version);
      succeed(mlo.run("build", "-q"));
    }
    return mlo;
  }

  static Outcome succeed(Outcome outcome) {
    assertThat(outcome.exit()).as(outcome.toString()).isZero();
    return outcome;
  }

  String ask(String http) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(URI.create(http + "/v2/models/iris/infer"))
                  .POST(HttpRequest.BodyPublishers.ofFile(project.resolve("examples/one.json")))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }
}
