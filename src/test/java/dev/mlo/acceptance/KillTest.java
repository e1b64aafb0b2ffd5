package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mlo.contract.Golden;
import dev.mlo.contract.TensorJson;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// `kill -9` at random moments of build, promote and swap: every layout stays readable, the ledger
/// holds, the runner goes on, the repeated command finishes. The moments are drawn from the time
/// each command takes undisturbed. `-Dmlo.kills=50` for more than the usual few; the seed is in
/// every message.
@ExtendWith(Installed.class)
class KillTest {
  private static final int KILLS = Integer.getInteger("mlo.kills", 9);
  private static final long SEED = Long.getLong("mlo.seed", System.nanoTime());

  /// What the signal makes of a process's exit code.
  private static final int KILLED = 128 + 9;

  private static final int WEIGHTS = 16 << 20;

  private enum Work {
    BUILD,
    PROMOTE,
    SWAP
  }

  @TempDir Path project;

  private final Random random = new Random(SEED);
  private final Map<Work, Long> millis = new EnumMap<>(Work.class);
  private final Map<Work, Integer> killed = new EnumMap<>(Work.class);
  private final Map<String, String> digests = new HashMap<>();
  private Mlo mlo;
  private StoredImages stored;
  private HttpClient client;
  private int versions;

  @BeforeEach
  void prepare(Mlo user) {
    mlo = user.in(project);
    stored = new StoredImages(project);
    client = HttpClient.newHttpClient();
  }

  @AfterEach
  void close() {
    client.close();
  }

  @Test
  void whateverIsKilledIsWhollyOldOrWhollyNewAndCanBeRepeated(TestReporter reporter)
      throws Exception {
    String first = build(newVersion("1.0.0"));
    String second = build(newVersion("2.0.0"));
    try (ServedModel served = ServedModel.start(mlo, project, first)) {
      String[] turn = {second, first};
      measure(Work.PROMOTE, "promote", second, "--to", "dev");
      measure(Work.PROMOTE, "promote", first, "--to", "dev");
      measure(Work.SWAP, "swap", second, "--runner", served.admin());
      measure(Work.SWAP, "swap", first, "--runner", served.admin());
      measure(Work.SWAP, "swap", second, "--runner", served.admin());
      measure(Work.SWAP, "swap", first, "--runner", served.admin());
      for (String like : new String[] {"1.0.0", "2.0.0"}) {
        String image = newVersion(like);
        long start = System.nanoTime();
        build(image);
        took(Work.BUILD, start);
      }

      for (int kill = 0; kill < KILLS; kill++) {
        Work work = Work.values()[kill % Work.values().length];
        String image = turn[kill / Work.values().length % turn.length];
        String told = "seed %d, kill %d (%s)".formatted(SEED, kill, work);
        switch (work) {
          case BUILD -> killBuild(told);
          case PROMOTE -> killPromotion(told, image);
          case SWAP -> killSwap(told, image, served);
        }
        assertServes(told, served, first, second);
        assertThat(StoredImages.leftOvers(project.resolve(".mlo"))).as(told).isEmpty();
      }
    }
    String counts =
        "seed %d: of %d kills %s hit a process at work; undisturbed it takes %s ms"
            .formatted(SEED, KILLS, killed, millis);
    reporter.publishEntry(counts);
    System.out.println(counts);
    assertThat(killed.values().stream().mapToInt(n -> n).sum())
        .as(counts)
        .isGreaterThanOrEqualTo(KILLS * 2 / 3);
    assumeTrue(stored.hasSkopeo(), "all held, but skopeo was not asked: it is not installed");
  }

  private void killBuild(String told) throws Exception {
    String image = newVersion(random.nextBoolean() ? "1.0.0" : "2.0.0");
    kill(Work.BUILD, "build", "-q");
    verify(told);

    build(image);

    assertThat(stored.digest(".mlo/store", image)).as(told).isEqualTo(digests.get(image));
    verify(told);
  }

  private void killPromotion(String told, String image) throws Exception {
    String before = stored.digest(".mlo/envs/dev", "iris:dev");
    kill(Work.PROMOTE, "promote", image, "--to", "dev");
    verify(told);
    assertThat(stored.digest(".mlo/envs/dev", "iris:dev"))
        .as(told)
        .isIn(before, digests.get(image));

    run(told, "promote", image, "--to", "dev");

    assertThat(stored.digest(".mlo/envs/dev", "iris:dev")).as(told).isEqualTo(digests.get(image));
    Outcome status = mlo.run("status", "-o", "json");
    assertThat(status.json().at("/environments/0/ledger/digest").asText())
        .as("%s: %s", told, status.stderr())
        .isEqualTo(digests.get(image));
    verify(told);
  }

  private void killSwap(String told, String image, ServedModel served) throws Exception {
    kill(Work.SWAP, "swap", image, "--runner", served.admin());
    verify(told);

    run(told, "swap", image, "--runner", served.admin());

    assertThat(serving(told, served)).as(told).isEqualTo(image);
  }

  /// Another version of the project, told apart by noise as large as a small model's weights.
  private String newVersion(String like) throws IOException {
    IrisProject.lay(project, like);
    Path model = Files.createDirectories(project.resolve("model"));
    Files.move(
        project.resolve("model.onnx"),
        model.resolve("model.onnx"),
        StandardCopyOption.REPLACE_EXISTING);
    byte[] noise = new byte[WEIGHTS];
    random.nextBytes(noise);
    Files.write(model.resolve("weights.bin"), noise);
    String version = like.charAt(0) + ".0." + versions++;
    Path manifest = project.resolve("mlops.yaml");
    Files.writeString(
        manifest,
        Files.readString(manifest)
            .replace("version: " + like, "version: " + version)
            .replace("model: model.onnx", "model: model"));
    return "iris:" + version;
  }

  private String build(String image) {
    Outcome built = mlo.run("build", "-q");
    assertThat(built.exit()).as("seed %d: %s", SEED, built.stderr()).isZero();
    digests.put(image, built.word().substring("iris@".length()));
    return image;
  }

  private void measure(Work work, String... words) {
    long start = System.nanoTime();
    run("seed " + SEED, words);
    took(work, start);
  }

  /// The shortest time that was seen: a moment drawn from it finds the process at work.
  private void took(Work work, long start) {
    millis.merge(work, (System.nanoTime() - start) / 1_000_000, Math::min);
  }

  private void kill(Work work, String... words) throws Exception {
    long start = System.nanoTime();
    try (Installed.Running running = mlo.start(words)) {
      // A random moment is the point of the test; it waits for the process, not for a time.
      long moment = random.nextLong(millis.getOrDefault(work, 1L));
      if (running.process().waitFor(moment, TimeUnit.MILLISECONDS)) {
        took(work, start);
      }
      running.process().destroyForcibly();
      if (running.outcome(Duration.ofMinutes(1)).exit() == KILLED) {
        killed.merge(work, 1, Integer::sum);
      }
    }
  }

  private void run(String told, String... words) {
    Outcome outcome = mlo.run(words);
    assertThat(outcome.exit()).as("%s: %s: %s", told, words[0], outcome.stderr()).isZero();
  }

  private void verify(String told) throws IOException {
    stored.verify(told);
    run(told, "history", "--verify");
  }

  private void assertServes(String told, ServedModel served, String... images) throws Exception {
    assertThat(serving(told, served)).as(told).isIn((Object[]) images);
  }

  /// The image that answers, whose answer must be right for the version it names.
  private String serving(String told, ServedModel served) throws Exception {
    Path examples = Path.of(System.getProperty("mlo.root", "."), "examples", "iris");
    byte[] request = Files.readAllBytes(examples.resolve("1.0.0/examples/one.json"));
    HttpResponse<String> answer = served.infer(client, request);
    assertThat(answer.statusCode()).as("%s: %s", told, answer.body()).isEqualTo(200);
    byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
    String version = new ObjectMapper().readTree(body).path("model_version").asText();
    Path expected = examples.resolve(version.charAt(0) + ".0.0/examples/one.expected.json");
    assertThat(
            Golden.differences(
                TensorJson.outputs(Files.readAllBytes(expected)), TensorJson.outputs(body), 1e-4))
        .as(told)
        .isEmpty();
    return "iris:" + version;
  }
}
