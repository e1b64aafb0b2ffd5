package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// `kill -9` at random moments of build, promote and swap: everything stays readable, the runner
/// goes on, the repeated command finishes. `-Dmlo.kills=50` for more than the usual few; the seed
/// is in every message.
@ExtendWith(Installed.class)
class KillTest {
  private static final int KILLS = Integer.getInteger("mlo.kills", 6);
  private static final long SEED = Long.getLong("mlo.seed", System.nanoTime());

  @TempDir Path project;

  @Test
  void whateverIsKilledIsWhollyOldOrWhollyNewAndCanBeRepeated(Mlo user) throws Exception {
    Random random = new Random(SEED);
    Mlo mlo = user.in(project);
    IrisProject.lay(project, "1.0.0");
    assertThat(mlo.run("build", "-q").exit()).isZero();
    assertThat(mlo.run("test", "-q").exit()).isZero();
    try (ServedModel served = ServedModel.start(mlo, project, "iris:1.0.0");
        HttpClient client = HttpClient.newHttpClient()) {
      byte[] request = Files.readAllBytes(project.resolve("examples/one.json"));
      for (int kill = 0; kill < KILLS; kill++) {
        IrisProject.lay(project, kill % 2 == 0 ? "2.0.0" : "1.0.0");
        String version = kill % 2 == 0 ? "iris:2.0.0" : "iris:1.0.0";
        String told = "seed %d, kill %d".formatted(SEED, kill);
        switch (kill % 3) {
          case 0 -> {
            killed(mlo, random, "build", "-q");
            repeated(mlo, told, "build", "-q");
          }
          case 1 -> {
            repeated(mlo, told, "build", "-q");
            killed(mlo, random, "promote", version, "--to", "dev");
            repeated(mlo, told, "promote", version, "--to", "dev");
          }
          default -> {
            repeated(mlo, told, "build", "-q");
            killed(mlo, random, "swap", version, "--runner", served.admin());
            assertThat(served.infer(client, request).statusCode()).as(told).isEqualTo(200);
            repeated(mlo, told, "swap", version, "--runner", served.admin());
          }
        }
        assertThat(served.infer(client, request).statusCode()).as(told).isEqualTo(200);
        assertThat(mlo.run("list", "-o", "json").exit()).as(told).isZero();
      }
      assertThat(mlo.run("history", "--verify").exit()).isZero();
    }
  }

  private static void killed(Mlo mlo, Random random, String... words) throws Exception {
    try (Installed.Running running = mlo.start(words)) {
      // A random moment is the point of the test; it waits for the process, not for a time.
      if (!running.process().waitFor(random.nextInt(1500), TimeUnit.MILLISECONDS)) {
        running.process().destroyForcibly();
      }
      running.outcome(Duration.ofMinutes(1));
    }
  }

  private static void repeated(Mlo mlo, String told, String... words) {
    Outcome outcome = mlo.run(words);
    assertThat(outcome.exit()).as("%s: %s: %s", told, words[0], outcome.stderr()).isZero();
  }
}
