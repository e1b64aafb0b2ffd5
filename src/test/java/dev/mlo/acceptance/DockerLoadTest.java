package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// The image as a file, in a real engine that never heard of `mlo`.
@ExtendWith(Installed.class)
class DockerLoadTest {
  @TempDir Path folder;

  @Test
  void aTarIsLoadedAndItsContainerAnswersTheGoldenExample(Mlo user) throws Exception {
    Path project = Files.createDirectory(folder.resolve("iris"));
    IrisProject.lay(project, "1.0.0");
    Mlo mlo = user.in(project);
    assertThat(mlo.run("build", "-q").exit()).isZero();
    assertThat(mlo.run("copy", "iris:1.0.0", "tar:iris.tar").exit()).isZero();

    try (DockerDaemon engine = DockerDaemon.start(folder.resolve("docker"));
        HttpClient client = HttpClient.newHttpClient()) {
      Outcome loaded = engine.docker("load", "--input", project.resolve("iris.tar").toString());
      assertThat(loaded.exit()).as(loaded.toString()).isZero();
      assertThat(loaded.stdout()).contains("iris:1.0.0");

      Outcome started =
          engine.docker(
              "run",
              "--detach",
              "--name=iris",
              "--read-only",
              "--cap-drop=ALL",
              "--security-opt=no-new-privileges",
              "--memory=512m",
              "--user=65532",
              "--publish=127.0.0.1::8080",
              "iris:1.0.0");
      assertThat(started.exit()).as(started.toString()).isZero();
      engine.awaitLog("iris", "ready:");
      String address = engine.docker("port", "iris", "8080/tcp").word();
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(URI.create("http://" + address + "/v2/models/iris/infer"))
                  .POST(HttpRequest.BodyPublishers.ofFile(project.resolve("examples/one.json")))
                  .build(),
              HttpResponse.BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(label(answer.body()))
          .isEqualTo(label(Files.readString(project.resolve("examples/one.expected.json"))));

      assertThat(engine.docker("stop", "--time=20", "iris").exit()).isZero();
      assertThat(engine.docker("inspect", "--format={{.State.ExitCode}}", "iris").word())
          .isEqualTo("0");
    }
  }

  private static JsonNode label(String answer) throws IOException {
    for (JsonNode output : new ObjectMapper().readTree(answer).path("outputs")) {
      if (output.path("name").asText().equals("label")) {
        return output.path("data");
      }
    }
    throw new AssertionError("no output `label`: " + answer);
  }
}
