package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Runners in containers of a real engine: how they start, are swapped, and end.
@SecondLane
@ExtendWith(Installed.class)
class DockerRunTest extends EngineTest {
  private static final String[] FREE_PORTS = {"--docker", "--port", "0", "--admin-port", "0"};

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
    List<String> images = lines("images", "--quiet", "--no-trunc");

    try (Foreground again = Foreground.start(mlo, words("run", "iris:1.0.0"))) {
      again.awaitLine("starting the runner");
      assertThat(again.said().toString()).doesNotContain("loading");
      assertThat(again.interrupt().exit()).isEqualTo(130);
    }
    assertThat(lines("images", "--quiet", "--no-trunc"))
        .containsExactlyInAnyOrderElementsOf(images);
    assertThat(docker("ps", "--all", "--quiet")).isEmpty();
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
}
