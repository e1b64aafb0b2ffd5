package dev.mlo.cli.promote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.cli.failure.Failure;
import dev.mlo.oci.Digest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConcurrencyTest {
  private static final int MANY = 24;

  @TempDir Path directory;

  /// One event a sequence number, none lost, whatever the order.
  private static void requireOneEventEach(TestProject iris, String environment, int count)
      throws IOException {
    List<LedgerEvent> events = iris.ledger().events("iris", environment);
    assertThat(events).hasSize(count);
    for (int i = 0; i < count; i++) {
      assertThat(events.get(i).sequence()).isEqualTo(i + 1);
    }
    assertThat(new History(iris.project()).events(environment, true).verified()).isTrue();
    assertThat(iris.state(environment)).isEqualTo("in sync");
    assertThat(iris.pointer(environment)).isEqualTo(events.getLast().to().digest());
  }

  @Test
  void promotionsOfDifferentVersionsQueue()
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    TestProject iris = TestProject.in(directory);
    var tasks = new ArrayList<Callable<PromotionResult>>();
    for (int i = 0; i < MANY; i++) {
      String image = "iris:1.0." + i;
      iris.build("1.0." + i);
      tasks.add(() -> iris.promote(image, "dev"));
    }

    List<PromotionResult> results = atOnce(tasks);

    assertThat(results)
        .extracting(PromotionResult::outcome)
        .containsOnly(PromotionResult.Outcome.DONE);
    requireOneEventEach(iris, "dev", MANY);
  }

  @Test
  void promotionsOfTheSameVersionBecomeOne()
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    TestProject iris = TestProject.in(directory);
    iris.build("1.0.0");
    var tasks = new ArrayList<Callable<PromotionResult>>();
    for (int i = 0; i < MANY; i++) {
      tasks.add(() -> iris.promote("iris:1.0.0", "dev"));
    }

    List<PromotionResult> results = atOnce(tasks);

    assertThat(results)
        .filteredOn(result -> result.outcome() == PromotionResult.Outcome.DONE)
        .hasSize(1);
    requireOneEventEach(iris, "dev", 1);
  }

  @Test
  void environmentsDoNotLoseEachOthersEvents()
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    var names = new ArrayList<String>();
    var yaml = new StringBuilder("name: iris\nmodel: model.onnx\nenvironments:\n");
    for (int i = 0; i < MANY; i++) {
      names.add("e" + i);
      yaml.append("  e").append(i).append(": {gates: {tests: off}}\n");
    }
    TestProject iris = TestProject.in(directory);
    Files.writeString(directory.resolve("mlops.yaml"), yaml);
    Digest digest = iris.build("1.0.0");
    var tasks = new ArrayList<Callable<EnvironmentRecord>>();
    for (String name : names) {
      tasks.add(() -> append(iris, name, digest));
    }

    atOnce(tasks);

    for (String name : names) {
      assertThat(iris.record(name).sequence()).isEqualTo(1);
    }
    assertThat(new History(iris.project()).events(null, true).events()).hasSize(MANY);
  }

  private static EnvironmentRecord append(TestProject iris, String environment, Digest digest)
      throws IOException, LostRaceException {
    Entry entry = Entries.first(environment, new Release(digest, "text/plain", 1, "1.0.0"));
    iris.ledger().append(null, entry.event(), entry.record());
    return entry.record();
  }

  private static <T> List<T> atOnce(List<Callable<T>> tasks)
      throws InterruptedException, ExecutionException, TimeoutException {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var results = new ArrayList<T>();
      for (Future<T> future : threads.invokeAll(tasks, 120, TimeUnit.SECONDS)) {
        results.add(future.get(1, TimeUnit.SECONDS));
      }
      return results;
    }
  }

  @Test
  void processesQueueLikeThreads() throws IOException, InterruptedException {
    TestProject iris = TestProject.in(directory);
    int processes = 6;
    var running = new ArrayList<Process>();
    for (int i = 0; i < processes; i++) {
      iris.build("1.0." + i);
    }
    for (int i = 0; i < processes; i++) {
      running.add(OtherProcess.start(iris, "iris:1.0." + i, "dev", "none"));
    }
    var said = new HashSet<String>();
    for (Process process : running) {
      said.add(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip());
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).as(said.toString()).isZero();
    }

    assertThat(said).containsExactly("DONE");
    requireOneEventEach(iris, "dev", processes);
  }

  @Test
  void withoutLocksThatHoldEveryoneEndsDoneOrTold()
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    TestProject iris = TestProject.in(directory);
    var tasks = new ArrayList<Callable<Boolean>>();
    for (int i = 0; i < MANY; i++) {
      String image = "iris:1.0." + i;
      iris.build("1.0." + i);
      tasks.add(() -> withoutLock(iris, image));
    }

    long done = atOnce(tasks).stream().filter(ok -> ok).count();

    assertThat(done).isPositive();
    List<LedgerEvent> events = iris.ledger().events("iris", "dev");
    assertThat(events).extracting(LedgerEvent::sequence).doesNotHaveDuplicates();
    assertThat(events.size()).isGreaterThanOrEqualTo((int) done);
    requireOneEventEach(iris, "dev", events.size());
  }

  /// As on a network file system that does not lock: each has its own lock file.
  private static boolean withoutLock(TestProject iris, String image) throws IOException {
    Path locks = iris.project().workspace().locks();
    try {
      iris.promoter(
              TestProject.BOB,
              step -> {
                if (step == Checkpoint.Step.LOCKED) {
                  moveAway(locks.resolve("dev.lock"));
                }
              })
          .promote(TestProject.wanted(image, "dev"));
      return true;
    } catch (Failure e) {
      assertThat(e.code()).isEqualTo(dev.mlo.cli.failure.ExitCode.CONFLICT);
      return false;
    }
  }

  private static void moveAway(Path lock) {
    try {
      Files.deleteIfExists(lock);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
