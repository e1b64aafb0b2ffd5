package dev.mlo.acceptance;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What one sees while it works: on a real pseudo terminal (`script` of util-linux), in a pipe, and
/// as a program.
@ExtendWith(Installed.class)
class ProgressTest {
  private static final String SHOW = "\u001b[?25h";
  private static final int CTRL_C = 3;
  private static final String HIDE = "\u001b[?25l";

  /// Large enough to be on its way for several frames.
  private static final int WEIGHTS = 600_000_000;

  @TempDir Path folder;
  private Path project;

  @BeforeEach
  void lay() throws IOException {
    project = Files.createDirectory(folder.resolve("iris"));
    IrisProject.lay(project, "1.0.0");
  }

  private static List<String> line(Mlo mlo, String command) {
    return List.of(
        "script",
        "--quiet",
        "--return",
        "--echo=never",
        "--command",
        "stty cols 100 rows 30; exec " + mlo.command() + " " + command,
        "/dev/null");
  }

  private static Map<String, String> environment(Mlo mlo) {
    return Map.of(
        "HOME",
        mlo.home().toString(),
        "XDG_CACHE_HOME",
        mlo.home().resolve(".cache").toString(),
        "CI",
        "",
        "TERM",
        "xterm");
  }

  /// Runs a command on a terminal of its own.
  private static Outcome onTerminal(Mlo mlo, String command) {
    return Installed.start(line(mlo, command), mlo.directory(), environment(mlo))
        .outcome(Duration.ofMinutes(2));
  }

  @Test
  void aTerminalShowsRowsWhileLayersMoveAndIsCleanAfterwards(Mlo user) throws IOException {
    Mlo mlo = user.in(project);
    layWeights(mlo);

    Outcome outcome = onTerminal(mlo, "build");

    assertThat(outcome.exit()).as(outcome.toString()).isZero();
    String seen = outcome.stdout();
    assertThat(seen).as("a row with bytes and rate").containsPattern("layer .* of 60\\d MB .*MB/s");
    assertThat(seen.lastIndexOf(SHOW)).as(seen).isGreaterThan(seen.lastIndexOf(HIDE));
    assertThat(seen.split("\u001b\\[\\?25l", -1)).hasSameSizeAs(seen.split("\u001b\\[\\?25h", -1));
    String last = seen.substring(seen.lastIndexOf(SHOW));
    assertThat(last).as("the report comes after the last row was wiped").contains("built");
    assertThat(seen.substring(0, seen.lastIndexOf(SHOW))).endsWith("\u001b[J\u001b[?7h");
  }

  /// Makes the project's model large, after its runner image was made.
  private void layWeights(Mlo mlo) throws IOException {
    Outcome built = mlo.run("build", "-q");
    assertThat(built.exit()).as(built.toString()).isZero();
    Path model = Files.createDirectory(project.resolve("all"));
    try (var weights = new RandomAccessFile(model.resolve("weights.bin").toFile(), "rw")) {
      weights.setLength(WEIGHTS);
    }
    Files.copy(project.resolve("model.onnx"), model.resolve("model.onnx"));
    Path manifest = project.resolve("mlops.yaml");
    Files.writeString(
        manifest, Files.readString(manifest).replace("\nmodel: model.onnx\n", "\nmodel: all\n"));
  }

  @Test
  void ctrlCTakesTheRowsAwayAndLeavesTheCursor(Mlo user) throws Exception {
    Mlo mlo = user.in(project);
    layWeights(mlo);
    ProcessBuilder builder = new ProcessBuilder(line(mlo, "build")).directory(project.toFile());
    builder.environment().putAll(environment(mlo));
    Process script = builder.start();
    try {
      var seen = new StringBuilder();
      Reader terminal = script.inputReader(UTF_8);
      boolean pressed = false;
      for (int c = terminal.read(); c >= 0; c = terminal.read()) {
        seen.append((char) c);
        if (!pressed && seen.indexOf("MB of 60") >= 0) {
          pressed = true;
          script.getOutputStream().write(CTRL_C);
          script.getOutputStream().flush();
        }
      }
      assertThat(script.waitFor()).as(seen.toString()).isEqualTo(130);
      assertThat(seen.lastIndexOf(SHOW)).isGreaterThan(seen.lastIndexOf(HIDE));
      assertThat(seen.substring(seen.lastIndexOf(SHOW)))
          .as("the failure stands alone")
          .contains("interrupted")
          .doesNotContain("MB of");
    } finally {
      script.destroyForcibly();
    }
  }

  @Test
  void aDumbTerminalAndAPipeAreNotDrawnOn(Mlo user) {
    Mlo mlo = user.in(project);
    Outcome dumb = onTerminal(mlo, "build --progress plain");
    assertThat(dumb.stdout()).doesNotContain(HIDE, "\r\u001b");
    Outcome piped = mlo.run("copy", "iris:1.0.0", "oci:" + folder.resolve("copy"));
    assertThat(piped.exit()).as(piped.toString()).isZero();
    assertThat(piped.stdout() + piped.stderr()).doesNotContain("\u001b");
    assertThat(piped.stderr()).startsWith("copying ");
  }

  @Test
  void aProgramReadsEveryEventAndStdoutStaysTheResult(Mlo user) throws IOException {
    Mlo mlo = user.in(project);
    events(mlo.run("build", "--progress=json", "-o", "json"), "built");
    try (LocalRegistry registry = LocalRegistry.start(folder.resolve("registry"))) {
      String to = registry.host() + "/ml/iris:1.0.0";
      Outcome pushed = mlo.with("MLO_PROGRESS", "json").run("push", "iris:1.0.0", to, "-q");
      assertThat(pushed.stderr()).as("-q silences progress").isEmpty();
      List<JsonNode> again =
          events(mlo.run("push", "iris:1.0.0", to, "--progress", "json"), "copied");
      assertThat(again)
          .filteredOn(event -> event.path("event").asText().equals("layer"))
          .isNotEmpty()
          .allSatisfy(event -> assertThat(event.path("action").asText()).isEqualTo("upload"))
          .filteredOn(event -> !event.path("state").asText().equals("started"))
          .allSatisfy(event -> assertThat(event.path("state").asText()).isEqualTo("reused"));
    }
    List<JsonNode> promoted =
        events(mlo.run("promote", "--to", "dev", "--progress=json"), "pointed");
    assertThat(promoted)
        .extracting(event -> event.path("event").asText())
        .contains("resolved", "gate", "plan", "layer", "copied", "recorded");

    Outcome failed = mlo.run("inspect", "nothing:1", "--progress", "json");
    assertThat(failed.exit()).isEqualTo(5);
    JsonNode error = new ObjectMapper().readTree(failed.stderr().strip());
    assertThat(error.path("event").asText()).isEqualTo("error");
    assertThat(error.path("exitCode").asInt()).isEqualTo(5);
  }

  private static List<JsonNode> events(Outcome outcome, String last) throws IOException {
    assertThat(outcome.exit()).as(outcome.toString()).isZero();
    var events = new ArrayList<JsonNode>();
    for (String line : outcome.stderr().lines().toList()) {
      events.add(new ObjectMapper().readTree(line.getBytes(UTF_8)));
    }
    assertThat(events).allSatisfy(event -> assertThat(event.path("event").isTextual()).isTrue());
    assertThat(events.getLast().path("event").asText()).isEqualTo(last);
    return events;
  }
}
