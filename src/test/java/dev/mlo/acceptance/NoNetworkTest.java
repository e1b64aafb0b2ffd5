package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// After the installation nothing is needed: no network but the machine's own, no engine.
@ExtendWith(Installed.class)
class NoNetworkTest {
  @TempDir Path project;

  /// In a network of its own, where nothing but itself can be reached.
  private Outcome alone(Mlo mlo, String line) {
    return Installed.start(
            List.of(
                "unshare",
                "--net",
                "sh",
                "-ec",
                "ip link set lo up; exec \"$0\" " + line,
                mlo.command().toString()),
            project,
            Map.of("HOME", mlo.home().toString(), "DOCKER_HOST", "unix:///nowhere.sock"))
        .outcome(Duration.ofMinutes(3));
  }

  private static boolean may() {
    return Installed.start(
                List.of("unshare", "--net", "sh", "-ec", "ip link set lo up"),
                Path.of("/"),
                Map.of())
            .outcome(Duration.ofSeconds(30))
            .exit()
        == 0;
  }

  @Test
  void fromAModelToASwapWithoutNetworkAndEngine(Mlo mlo) throws IOException {
    assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/unshare")) && may(),
        "no network of its own can be made here: that takes root, unshare and ip");
    Path iris = Path.of(System.getProperty("mlo.root", "."), "examples", "iris", "1.0.0");
    Files.copy(iris.resolve("model.onnx"), project.resolve("model.onnx"));
    Files.createDirectories(project.resolve("examples"));
    for (String example : List.of("one.json", "one.expected.json")) {
      Files.copy(
          iris.resolve("examples").resolve(example), project.resolve("examples").resolve(example));
    }

    for (String line : List.of("init -q --name iris", "build -q", "test -q")) {
      Outcome outcome = alone(mlo, line);
      assertThat(outcome.exit()).as(line + ": " + outcome).isZero();
    }
    Outcome story = alone(mlo, "demo -o json");
    assertThat(story.exit()).as(story.stderr()).isZero();
    JsonNode told = story.json();
    assertThat(told.path("failed").asInt()).isZero();
    assertThat(told.path("wrong").asInt()).isZero();
    assertThat(told.path("swaps").asInt()).isPositive();
  }
}
