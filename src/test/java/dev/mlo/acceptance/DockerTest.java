package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The command and a real engine: images go there and come back, runners run there.
@SecondLane
@ExtendWith(Installed.class)
class DockerTest {
  private static final String[] FREE_PORTS = {"--docker", "--port", "0", "--admin-port", "0"};

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

  private static void noImages() {
    remove(lines("images", "--all", "--quiet"), "rmi", "--force");
  }

  private static void remove(List<String> what, String... words) {
    if (!what.isEmpty()) {
      var line = new ArrayList<>(List.of(words));
      line.addAll(what);
      docker(line.toArray(String[]::new));
    }
  }

  private static List<String> lines(String... words) {
    return docker(words).lines().filter(line -> !line.isEmpty()).distinct().toList();
  }

  /// The images of the test.
  private static List<String> images(String format) {
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

  private static String docker(String... words) {
    Outcome outcome = engine().docker(words);
    assertThat(outcome.exit()).as(outcome.toString()).isZero();
    return outcome.word();
  }

  private static DockerDaemon engine() {
    if (engine == null) {
      throw new IllegalStateException("the engine does not run");
    }
    return engine;
  }

  private Mlo in(Mlo user) {
    return user.in(project).with("DOCKER_HOST", engine().host());
  }

  private Mlo build(Mlo user, String... versions) throws IOException {
    Mlo mlo = in(user);
    for (String version : versions) {
      IrisProject.lay(project, version);
      succeed(mlo.run("build", "-q"));
    }
    return mlo;
  }

  private static Outcome succeed(Outcome outcome) {
    assertThat(outcome.exit()).as(outcome.toString()).isZero();
    return outcome;
  }

  @Test
  void aRunnerInAContainerIsSwappedAndLeavesNothingBehind(Mlo user) throws Exception {
    Mlo mlo = build(user, "1.0.0", "2.0.0");

    try (ServedModel served = ServedModel.start(mlo, project, "iris:1.0.0", "--docker");
        HttpClient client = HttpClient.newHttpClient()) {
      byte[] request = Files.readAllBytes(project.resolve("examples/one.json"));
      assertThat(served.infer(client, request).body()).contains("\"model_version\":\"1.0.0\"");
      assertThat(served.grpcVersion()).isEqualTo("1.0.0");
      assertHardened();

      Outcome swapped = mlo.run("swap", "iris:2.0.0");
      assertThat(swapped.exit()).as(swapped.stderr()).isZero();
      assertThat(served.infer(client, request).body()).contains("\"model_version\":\"2.0.0\"");
      assertThat(served.grpcVersion()).isEqualTo("2.0.0");
      succeed(mlo.run("swap", "--rollback"));
      assertThat(served.infer(client, request).body()).contains("\"model_version\":\"1.0.0\"");
    }

    assertThat(docker("ps", "--all", "--quiet")).isEmpty();
    assertThat(docker("volume", "ls", "--quiet")).isEmpty();
    assertThat(project.resolve(".mlo/run")).isEmptyDirectory();
  }

  private void assertHardened() throws IOException {
    String container = docker("ps", "--quiet");
    assertThat(
            docker(
                "inspect",
                "--format={{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}}"
                    + " {{.HostConfig.SecurityOpt}} {{.Config.User}}",
                container))
        .isEqualTo("true [ALL] [no-new-privileges] 65532:65532");
    assertThat(docker("port", container)).doesNotContain("0.0.0.0").contains("127.0.0.1");
    assertThat(docker("inspect", container)).doesNotContain(token());
  }

  private String token() throws IOException {
    try (DirectoryStream<Path> tokens =
        Files.newDirectoryStream(project.resolve(".mlo/run"), "*.token")) {
      return Files.readString(tokens.iterator().next()).strip();
    }
  }

  @Test
  void aContainerEndsWithItsCommandAndTheNextRunRemovesIt(Mlo user) throws Exception {
    Mlo mlo = build(user, "1.0.0");
    String left;
    try (ServedModel served = ServedModel.start(mlo, project, "iris:1.0.0", "--docker")) {
      left = docker("ps", "--quiet");
      served.process().destroyForcibly().waitFor();
      assertThat(docker("wait", left)).isEqualTo("0");
    }

    try (ServedModel _ = ServedModel.start(mlo, project, "iris:1.0.0", "--docker")) {
      assertThat(docker("ps", "--all", "--quiet").lines()).hasSize(1).doesNotContain(left);
    }
    assertThat(project.resolve(".mlo/run")).isEmptyDirectory();
  }

  @Test
  void anImageIsLoadedOnce(Mlo user) throws Exception {
    Mlo mlo = build(user, "1.0.0");
    ServedModel.start(mlo, project, "iris:1.0.0", "--docker").close();
    List<String> images = images();

    try (Foreground again = Foreground.start(mlo, words("run", "iris:1.0.0"))) {
      again.awaitLine("starting the runner");
      assertThat(again.said().toString()).doesNotContain("loading");
      assertThat(again.interrupt().exit()).isEqualTo(130);
    }
    assertThat(images()).containsExactlyInAnyOrderElementsOf(images);
    assertThat(docker("ps", "--all", "--quiet")).isEmpty();
  }

  private List<String> images() {
    return docker("images", "--quiet", "--no-trunc").lines().toList();
  }

  @Test
  void ctrlCEndsAContainerAsQuietlyAsARunnerOfThisMachine(Mlo user) throws Exception {
    Mlo mlo = build(user, "1.0.0");
    Path running = Files.createDirectories(project.resolve(".mlo/run"));
    try (Foreground foreground =
        Foreground.startAndAwaitFile(
            running, name -> name.endsWith(".json"), mlo, words("run", "iris:1.0.0"))) {
      Foreground.Ended ended = foreground.interrupt();

      assertThat(ended.exit()).as(ended.stderr()).isEqualTo(130);
      assertThat(ended.stderr()).endsWith("stopped; requests answered: 0\n");
    }
    assertThat(docker("ps", "--all", "--quiet")).isEmpty();
    assertThat(running).isEmptyDirectory();
  }

  private static String[] words(String... before) {
    var words = new ArrayList<>(List.of(before));
    words.addAll(List.of(FREE_PORTS));
    return words.toArray(String[]::new);
  }

  @Test
  void aRunnerThatDoesNotStartSaysWhyAndIsGone(Mlo user) throws IOException {
    Mlo mlo = build(user, "wrong");

    Outcome refused = mlo.run(words("run", "iris:3.0.0"));

    assertThat(refused.exit()).as(refused.toString()).isEqualTo(6);
    assertThat(refused.stderr()).contains("`iris:3.0.0` does not start").contains("example");
    assertThat(docker("ps", "--all", "--quiet")).isEmpty();
  }

  @Test
  void aPortThatIsTakenIsAConflict(Mlo user) throws IOException {
    Mlo mlo = build(user, "1.0.0");
    try (ServedModel served = ServedModel.start(mlo, project, "iris:1.0.0", "--docker")) {
      String port = String.valueOf(URI.create(served.http()).getPort());

      Outcome refused = mlo.run("run", "iris:1.0.0", "--docker", "--port", port);

      assertThat(refused.exit()).as(refused.toString()).isEqualTo(8);
      assertThat(refused.stderr()).contains("--port");
      assertThat(docker("ps", "--all", "--quiet").lines()).hasSize(1);
    }
  }

  @Test
  void withoutAnEngineThereIsOneMessage(Mlo user) throws IOException {
    Mlo mlo = build(user, "1.0.0").with("DOCKER_HOST", "unix:///nowhere/docker.sock");

    for (Outcome refused :
        List.of(
            mlo.run(words("run", "iris:1.0.0")),
            mlo.run("copy", "iris:1.0.0", "docker:iris"),
            mlo.run("inspect", "docker:iris"))) {
      assertThat(refused.exit()).as(refused.toString()).isEqualTo(5);
      assertThat(refused.stdout()).isEmpty();
      assertThat(refused.stderr())
          .contains("no Docker Engine was found", "/nowhere/docker.sock", "without --docker")
          .doesNotContain("SLF4J", "WARNING");
    }
  }

  @Test
  void anImageGoesToTheEngineAndComesBackTheSame(Mlo user) throws IOException {
    noImages();
    Mlo mlo = build(user, "1.0.0", "2.0.0");
    JsonNode sent = succeed(mlo.run("copy", "iris:1.0.0", "docker:iris", "-o", "json")).json();
    assertThat(images("{{.Repository}}:{{.Tag}}")).containsExactly("iris:1.0.0");
    assertThat(sent.at("/moved/bytesWritten").asLong()).isGreaterThan(50_000_000);

    JsonNode again = succeed(mlo.run("copy", "iris:1.0.0", "docker:iris", "-o", "json")).json();
    assertThat(again.at("/moved/bytesWritten").asLong(-1)).isZero();
    JsonNode next = succeed(mlo.run("copy", "iris:2.0.0", "docker:iris", "-o", "json")).json();
    assertThat(next.at("/moved/bytesWritten").asLong()).isBetween(1L, 1_000_000L);

    Outcome back = succeed(mlo.run("copy", "docker:iris:2.0.0", "oci:back", "-o", "json"));
    assertThat(back.json().path("digest")).isEqualTo(next.path("digest"));
    assertThat(back.json().path("notes").toString()).contains("made anew");
    assertThat(succeed(mlo.run("test", "oci:back", "-q")).word()).isEqualTo("passed");
    assertThat(succeed(mlo.run("inspect", "docker:iris:1.0.0", "-o", "json")).json().toString())
        .contains(sent.path("digest").asText());
  }

  @Test
  void anEnginePullsByDigestWhatWasPushedAndItsContainerAnswers(Mlo user) throws Exception {
    Mlo mlo = build(user, "1.0.0");
    try (LocalRegistry registry = LocalRegistry.start(project.resolve("registry"))) {
      String repository = registry.host() + "/ml/iris";
      JsonNode pushed =
          succeed(mlo.run("push", "iris:1.0.0", repository + ":1.0.0", "-o", "json")).json();
      String name = repository + "@" + pushed.path("digest").asText();

      docker("pull", name);
      assertThat(images("{{.Repository}}@{{.Digest}}")).containsExactly(name);
      docker(
          "run",
          "--detach",
          "--name=pulled",
          "--read-only",
          "--cap-drop=ALL",
          "--security-opt=no-new-privileges",
          "--publish=127.0.0.1::8080",
          name);
      engine().awaitLog("pulled", "ready:");

      assertThat(ask("http://" + docker("port", "pulled", "8080/tcp")))
          .contains("\"1.0.0\"")
          .contains("setosa");
      docker("stop", "--time=20", "pulled");
      assertThat(docker("inspect", "--format={{.State.ExitCode}}", "pulled")).isEqualTo("0");
    }
  }

  @Test
  void aNameOfAnotherImageMovesOnlyByForce(Mlo user) throws IOException {
    Mlo mlo = build(user, "1.0.0", "2.0.0");
    succeed(mlo.run("copy", "iris:1.0.0", "docker:ml/iris:live"));
    String before = docker("inspect", "--format={{.Id}}", "ml/iris:live");

    assertThat(mlo.run("copy", "iris:2.0.0", "docker:ml/iris:live").exit()).isEqualTo(8);
    assertThat(docker("inspect", "--format={{.Id}}", "ml/iris:live")).isEqualTo(before);

    succeed(mlo.run("copy", "iris:2.0.0", "docker:ml/iris:live", "--force"));
    assertThat(docker("inspect", "--format={{.Id}}", "ml/iris:live")).isNotEqualTo(before);
  }

  @Test
  void anImageIsBuiltIntoTheEngine(Mlo user) throws IOException {
    Mlo mlo = in(user);
    IrisProject.lay(project, "1.0.0");

    succeed(mlo.run("build", "--to", "docker:host.example/ml/iris"));

    assertThat(images("{{.Repository}}:{{.Tag}}")).containsExactly("host.example/ml/iris:1.0.0");
  }

  @Test
  void whatTheEngineDoesNotHaveIsNotFound(Mlo user) {
    Outcome missing = in(user).run("inspect", "docker:nothing:1");

    assertThat(missing.exit()).as(missing.toString()).isEqualTo(5);
    assertThat(missing.stderr()).contains("there is no image `docker:nothing:1`");
  }

  @Test
  void twoVersionsFitInto512Megabytes(Mlo user) throws Exception {
    Mlo mlo = build(user, "1.0.0", "2.0.0");
    succeed(mlo.run("copy", "iris:1.0.0", "docker:iris"));
    Path token = Files.writeString(project.resolve("token"), "a-token-for-this-test");
    Files.setAttribute(token, "unix:uid", 65_532);

    docker(
        "run",
        "--detach",
        "--name=iris",
        "--read-only",
        "--cap-drop=ALL",
        "--security-opt=no-new-privileges",
        "--memory=512m",
        "--memory-swap=512m",
        "--publish=127.0.0.1::8080",
        "--publish=127.0.0.1::8082",
        "--env=MLO_ADMIN_TOKEN_FILE=/token",
        "--volume=" + token + ":/token:ro",
        "iris:1.0.0");
    engine().awaitLog("iris", "ready:");
    String admin = "http://" + docker("port", "iris", "8082/tcp");
    for (String version : List.of("iris:2.0.0", "iris:1.0.0", "iris:2.0.0")) {
      succeed(mlo.run("swap", version, "--runner", admin, "--token-file", token.toString()));
    }

    assertThat(ask("http://" + docker("port", "iris", "8080/tcp"))).contains("\"2.0.0\"");
    assertThat(docker("inspect", "--format={{.State.OOMKilled}}", "iris")).isEqualTo("false");
    docker("stop", "--time=20", "iris");
    assertThat(docker("inspect", "--format={{.State.ExitCode}}", "iris")).isEqualTo("0");
  }

  private String ask(String http) throws IOException, InterruptedException {
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
