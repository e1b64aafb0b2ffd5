package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Images go to a real engine and come back.
@SecondLane
@ExtendWith(Installed.class)
class DockerImageTest extends EngineTest {
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
}
