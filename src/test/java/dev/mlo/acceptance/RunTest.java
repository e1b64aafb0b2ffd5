package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// `mlo run` from its settings to its end, with real signals.
@ExtendWith(Installed.class)
class RunTest {
  private static final String[] SERVE = {"run", "iris:1.0.0", "--port", "0", "--admin-port", "0"};

  @TempDir Path project;

  @BeforeEach
  void built(Mlo mlo) throws Exception {
    IrisProject.lay(project, "1.0.0");
    assertThat(mlo.in(project).run("build", "-q").exit()).isZero();
    Files.createDirectories(project.resolve(".mlo/run"));
  }

  /// Starts it and waits until it serves.
  private Foreground serve(Mlo mlo, String... more) throws Exception {
    return Foreground.startAndAwaitFile(
        project.resolve(".mlo/run"),
        name -> name.endsWith(".json"),
        mlo.in(project),
        Stream.concat(Stream.of(SERVE), Stream.of(more)).toArray(String[]::new));
  }

  private JsonNode runner() throws Exception {
    try (Stream<Path> files = Files.list(project.resolve(".mlo/run"))) {
      Path file = files.filter(name -> name.toString().endsWith(".json")).findFirst().orElseThrow();
      return new ObjectMapper().readTree(file.toFile());
    }
  }

  /// Asks with more than a kilobyte.
  private int ask(HttpClient client) throws Exception {
    String request = Files.readString(project.resolve("examples/one.json")) + " ".repeat(1_024);
    return client
        .send(
            HttpRequest.newBuilder(
                    URI.create(runner().path("http").asText() + "/v2/models/iris/infer"))
                .POST(HttpRequest.BodyPublishers.ofString(request))
                .build(),
            HttpResponse.BodyHandlers.discarding())
        .statusCode();
  }

  private static String lastLine(Foreground.Ended ended) {
    return ended.stderr().lines().reduce("", (_, line) -> line);
  }

  private void assertNothingLeft(Foreground.Ended ended, long runner) {
    assertThat(ProcessHandle.of(runner).filter(ProcessHandle::isAlive)).isEmpty();
    assertThat(ended.alive()).as("a process of it is left").isFalse();
    assertThat(project.resolve(".mlo/run")).isEmptyDirectory();
  }

  @Test
  void ctrlCEndsItQuietly(Mlo mlo) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient();
        Foreground foreground = serve(mlo)) {
      long runner = runner().path("pid").asLong();
      for (int i = 0; i < 3; i++) {
        assertThat(ask(client)).isEqualTo(200);
      }

      Foreground.Ended ended = foreground.interrupt();

      assertThat(ended.exit()).as(ended.stderr()).isEqualTo(130);
      assertThat(lastLine(ended)).isEqualTo("stopped; requests answered: 3");
      assertThat(ended.stderr()).doesNotContain("error");
      assertNothingLeft(ended, runner);
    }
  }

  @Test
  void aServiceManagerEndsItAsQuietly(Mlo mlo) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient();
        Foreground foreground = serve(mlo, "--progress", "json")) {
      long runner = runner().path("pid").asLong();
      assertThat(ask(client)).isEqualTo(200);

      Foreground.Ended ended = foreground.terminate();

      assertThat(ended.exit()).as(ended.stderr()).isEqualTo(143);
      assertThat(lastLine(ended)).isEqualTo("{\"event\":\"stopped\",\"requests\":1}");
      assertNothingLeft(ended, runner);
    }
  }

  @Test
  void settingsOfTheEnvironmentAndOfTheCommandLineReachTheRunner(Mlo mlo) throws Exception {
    Mlo small = mlo.with("MLO_MAX_REQUEST_BYTES", "1024");
    try (HttpClient client = HttpClient.newHttpClient()) {
      try (Foreground foreground = serve(small)) {
        assertThat(ask(client)).isEqualTo(413);
        foreground.interrupt();
      }
      try (Foreground foreground = serve(small, "-e", "MLO_MAX_REQUEST_BYTES=4096")) {
        assertThat(ask(client)).isEqualTo(200);
        foreground.interrupt();
      }
    }
  }

  @Test
  void settingsThatMakeNoSenseAreUsageErrors(Mlo mlo) throws Exception {
    Outcome unknown = mlo.in(project).run("run", "iris:1.0.0", "-e", "MLO_WORKRES=2");
    assertThat(unknown.exit()).isEqualTo(2);
    assertThat(unknown.stderr()).contains("hint: did you mean `MLO_WORKERS`?");

    Outcome senseless =
        mlo.in(project)
            .run("run", "iris:1.0.0", "--port", "0", "--admin-port", "0", "-e", "MLO_WORKERS=two");
    assertThat(senseless.exit()).isEqualTo(2);
    assertThat(senseless.stderr()).contains("MLO_WORKERS=two: ", "a whole number");
  }
}
