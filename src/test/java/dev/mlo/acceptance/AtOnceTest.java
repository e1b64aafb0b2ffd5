package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Several commands at the same time on the same project, each a process of its own.
@ExtendWith(Installed.class)
class AtOnceTest {
  private static final int CONFLICT = 8;

  @TempDir Path project;

  private static List<Outcome> atOnce(Mlo mlo, String[]... commands) {
    List<Installed.Running> running = new ArrayList<>();
    for (String[] words : commands) {
      running.add(mlo.start(words));
    }
    return running.stream().map(one -> one.outcome(Duration.ofMinutes(2))).toList();
  }

  private static String[] words(String line) {
    return line.split(" ", -1);
  }

  private static void assertDone(List<Outcome> outcomes) {
    assertThat(outcomes).allSatisfy(one -> assertThat(one.exit()).as(one.stderr()).isZero());
  }

  @Test
  void buildsAndPromotions(Mlo user) throws Exception {
    Mlo mlo = user.in(project);
    IrisProject.lay(project, "1.0.0");

    List<Outcome> built = atOnce(mlo, words("build -q"), words("build -q"), words("build -q"));

    assertDone(built);
    assertThat(built.stream().map(Outcome::word).distinct()).hasSize(1);

    IrisProject.lay(project, "2.0.0");
    assertDone(atOnce(mlo, words("build -q"), words("promote iris:1.0.0 --to dev")));
    List<Outcome> same =
        atOnce(mlo, words("promote iris:2.0.0 --to dev"), words("promote iris:2.0.0 --to dev"));
    assertDone(same);
    List<Outcome> different =
        atOnce(mlo, words("promote iris:1.0.0 --to dev"), words("promote iris:2.0.0 --to dev"));
    assertDone(different);

    var stored = new StoredImages(project);
    stored.verify("after all");
    assertThat(mlo.run("history", "--verify").exit()).isZero();
    assertThat(mlo.run("status", "--check").exit()).isZero();
    // 1.0.0, 2.0.0 once, then each of the last two in either order, of which one may be no change.
    int events = mlo.run("history", "dev", "-o", "json").json().path("events").size();
    assertThat(events).isBetween(3, 4);
    assertThat(StoredImages.leftOvers(project.resolve(".mlo"))).isEmpty();
  }

  @Test
  void firstRunsUnpackTheSameLayers(Mlo user) throws Exception {
    Mlo mlo = user.in(project);
    IrisProject.lay(project, "1.0.0");
    assertThat(mlo.run("build", "-q").exit()).isZero();
    byte[] request = Files.readAllBytes(project.resolve("examples/one.json"));
    try (ExecutorService both = Executors.newVirtualThreadPerTaskExecutor();
        var client = HttpClient.newHttpClient()) {
      var starting = new ArrayList<CompletableFuture<ServedModel>>();
      for (int i = 0; i < 2; i++) {
        starting.add(CompletableFuture.supplyAsync(() -> serve(mlo), both));
      }
      for (CompletableFuture<ServedModel> one : starting) {
        try (ServedModel served = one.join()) {
          assertThat(served.infer(client, request).statusCode()).isEqualTo(200);
        }
      }
    }
    assertThat(StoredImages.leftOvers(mlo.home())).isEmpty();
    assertThat(project.resolve(".mlo/run")).isEmptyDirectory();
  }

  private ServedModel serve(Mlo mlo) {
    try {
      return ServedModel.start(mlo, project, "iris:1.0.0");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void swapsOfOneRunner(Mlo user) throws Exception {
    Mlo mlo = user.in(project);
    IrisProject.lay(project, "2.0.0");
    assertThat(mlo.run("build", "-q").exit()).isZero();
    IrisProject.lay(project, "1.0.0");
    assertThat(mlo.run("build", "-q").exit()).isZero();
    try (ServedModel served = ServedModel.start(mlo, project, "iris:1.0.0");
        var client = HttpClient.newHttpClient()) {
      String swap = "swap iris:2.0.0 --runner " + served.admin();

      List<Outcome> outcomes = atOnce(mlo, words(swap), words(swap));

      assertThat(outcomes)
          .allSatisfy(one -> assertThat(one.exit()).as(one.stderr()).isIn(0, CONFLICT));
      assertThat(outcomes).anySatisfy(one -> assertThat(one.exit()).isZero());
      assertThat(
              served.infer(client, Files.readAllBytes(project.resolve("examples/one.json"))).body())
          .contains("\"model_version\":\"2.0.0\"");
    }
  }

  @Test
  void aTakenPortIsNamed(Mlo user) throws Exception {
    Mlo mlo = user.in(project);
    IrisProject.lay(project, "1.0.0");
    assertThat(mlo.run("build", "-q").exit()).isZero();
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = String.valueOf(taken.getLocalPort());

      Outcome outcome = mlo.run("run", "--port", port, "--admin-port", "0");

      assertThat(outcome.exit()).isEqualTo(CONFLICT);
      assertThat(outcome.stderr()).contains("127.0.0.1:" + port + ": Address already in use");
    }
  }
}
