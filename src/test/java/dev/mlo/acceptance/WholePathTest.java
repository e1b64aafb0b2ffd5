package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// One model from its file to a hot swap, with nothing set up.
@ExtendWith(Installed.class)
class WholePathTest {
  @TempDir Path project;

  @Test
  void buildTestPromoteServeSwapRefuseRollBack(Mlo user) throws Exception {
    Mlo mlo = user.in(project);
    IrisProject.lay(project, "1.0.0");
    String first = mlo.run("build", "-q").word();
    IrisProject.lay(project, "2.0.0");
    String second = mlo.run("build", "-q").word();
    assertThat(first).startsWith("iris@sha256:").isNotEqualTo(second);
    assertThat(mlo.run("test", "iris:2.0.0", "-q").word()).isEqualTo("passed");

    for (String environment : new String[] {"dev", "test", "prod"}) {
      Outcome promoted = mlo.run("promote", "--to", environment, "-o", "json");
      assertThat(promoted.exit()).as(promoted.stderr()).isZero();
    }
    assertThat(mlo.run("status", "--check").exit()).isZero();

    try (ServedModel served = ServedModel.start(mlo, project, "iris:1.0.0");
        HttpClient client = HttpClient.newHttpClient()) {
      byte[] request = Files.readAllBytes(project.resolve("examples/one.json"));
      assertThat(served.infer(client, request).body()).contains("\"model_version\":\"1.0.0\"");

      Outcome swapped = mlo.run("swap", "iris:2.0.0", "--runner", served.admin());
      assertThat(swapped.exit()).as(swapped.stderr()).isZero();
      assertThat(served.infer(client, request).body()).contains("\"model_version\":\"2.0.0\"");

      IrisProject.lay(project, "wrong");
      mlo.run("build", "-q");
      Outcome refused = mlo.run("swap", "iris:3.0.0", "--runner", served.admin());
      assertThat(refused.exit()).isEqualTo(12);
      assertThat(refused.stderr()).contains("the old model `iris 2.0.0` still serves");
      assertThat(served.infer(client, request).body()).contains("\"model_version\":\"2.0.0\"");

      assertThat(mlo.run("swap", "--rollback", "--runner", served.admin()).exit()).isZero();
      assertThat(served.infer(client, request).body()).contains("\"model_version\":\"1.0.0\"");
    }
    assertThat(project.resolve(".mlo/run")).isEmptyDirectory();
    JsonNode history = mlo.run("history", "prod", "-o", "json").json();
    assertThat(history.toString()).contains(second.substring("iris@".length()));
  }

  @Test
  void aWrongModelIsNotPromoted(Mlo user) throws IOException {
    Mlo mlo = user.in(project);
    IrisProject.lay(project, "wrong");
    mlo.run("build", "-q");
    assertThat(mlo.run("promote", "--to", "dev").exit()).isZero();

    Outcome refused = mlo.run("promote", "--to", "test");

    assertThat(refused.exit()).isEqualTo(6);
    assertThat(refused.stderr()).contains("answered wrong");
    assertThat(mlo.run("promote", "--to", "prod").exit()).isNotZero();
  }

  @Test
  void theDemoLosesNothing(Mlo mlo) {
    Outcome demo = mlo.run("demo", "-o", "json");

    assertThat(demo.exit()).as(demo.stderr()).isZero();
    JsonNode counts = demo.json();
    assertThat(counts.path("requests").asInt()).isGreaterThanOrEqualTo(10_000);
    assertThat(counts.path("swaps").asInt()).isGreaterThanOrEqualTo(20);
    assertThat(counts.path("failed").asInt(-1)).isZero();
    assertThat(counts.path("wrong").asInt(-1)).isZero();
    assertThat(counts.path("refused").asInt()).isEqualTo(1);
    JsonNode digest = counts.path("digest");
    assertThat(digest.path("dev")).isEqualTo(digest.path("prod")).isEqualTo(digest.path("test"));
  }
}
