package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// After the installation nothing is needed: no network but the machine's own, no engine.
@ExtendWith(Installed.class)
class NoNetworkTest {
  @TempDir Path project;
  @TempDir Path elsewhere;

  /// A network of its own, where nothing but itself can be reached; it is there as long as the
  /// process.
  private record Network(Process process) implements AutoCloseable {
    static Network open() throws IOException {
      assumeTrue(
          Files.isExecutable(Path.of("/usr/bin/unshare")), "the package util-linux is missing");
      Process process =
          new ProcessBuilder(
                  "unshare", "--net", "sh", "-ec", "ip link set lo up; echo up; exec cat")
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      Network network = new Network(process);
      if (!"up".equals(process.inputReader().readLine())) {
        network.close();
        assumeTrue(false, "no network of its own can be made here: that takes root and ip");
      }
      return network;
    }

    /// The command inside.
    Mlo enter(Mlo mlo, Path folder) throws IOException {
      String script =
          "#!/bin/sh\nexec nsenter --net=/proc/%d/ns/net '%s' \"$@\"\n"
              .formatted(process.pid(), mlo.command());
      Path command = Files.writeString(folder.resolve("mlo"), script);
      Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwxr-xr-x"));
      return mlo.as(command).with("DOCKER_HOST", "unix:///nowhere.sock");
    }

    @Override
    public void close() {
      process.destroy();
    }
  }

  private static Outcome done(Mlo mlo, String... words) {
    Outcome outcome = mlo.run(words);
    assertThat(outcome.exit()).as("%s: %s", List.of(words), outcome).isZero();
    return outcome;
  }

  @Test
  void fromAModelToASwapWithoutNetworkAndEngine(Mlo user) throws IOException {
    Path iris = Path.of(System.getProperty("mlo.root", "."), "examples", "iris", "1.0.0");
    Files.copy(iris.resolve("model.onnx"), project.resolve("model.onnx"));
    Files.createDirectories(project.resolve("examples"));
    for (String example : List.of("one.json", "one.expected.json")) {
      Files.copy(
          iris.resolve("examples").resolve(example), project.resolve("examples").resolve(example));
    }
    try (Network network = Network.open()) {
      Mlo mlo = network.enter(user, elsewhere).in(project);
      done(mlo, "init", "-q", "--name", "iris");
      String image = done(mlo, "build", "-q").word();
      assertThat(done(mlo, "test", image, "-q").word()).isEqualTo("passed");
      try (ServedModel served = ServedModel.start(mlo, project, image)) {
        assertThat(user.in(project).run("swap", image, "--runner", served.admin()).exit())
            .as("from outside it cannot be reached")
            .isEqualTo(7);
        done(mlo, "swap", image, "--runner", served.admin());
      }
      JsonNode told = done(mlo, "demo", "-o", "json").json();
      assertThat(told.path("failed").asInt()).isZero();
      assertThat(told.path("wrong").asInt()).isZero();
      assertThat(told.path("swaps").asInt()).isPositive();
    }
  }
}
