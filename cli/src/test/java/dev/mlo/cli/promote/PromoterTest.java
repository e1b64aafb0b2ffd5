package dev.mlo.cli.promote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromoterTest {
  @TempDir Path directory;
  private TestProject iris =
      new TestProject(Path.of("."), new java.util.concurrent.atomic.AtomicInteger());

  @BeforeEach
  void createProject() throws IOException {
    iris = TestProject.in(directory);
  }

  private static Failure failure(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return catchThrowableOfType(Failure.class, call);
  }

  @Test
  void theSameDigestGoesThroughEveryEnvironment() throws IOException {
    Digest digest = iris.build("1.0.0");

    iris.promote(null, "dev");
    iris.promote(null, "test");
    PromotionResult last = iris.promote(null, "prod");

    for (String environment : List.of("dev", "test", "prod")) {
      assertThat(iris.pointer(environment)).isEqualTo(digest);
      assertThat(iris.store(environment).resolve("iris:1.0.0").digest()).isEqualTo(digest);
      assertThat(iris.record(environment).current().digest()).isEqualTo(digest);
      assertThat(iris.state(environment)).isEqualTo("in sync");
    }
    assertThat(last.outcome()).isEqualTo(PromotionResult.Outcome.DONE);
    assertThat(last.gates())
        .extracting(GateResult::gate, GateResult::word)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("integrity", "pass"),
            org.assertj.core.groups.Tuple.tuple("previous environment", "pass"),
            org.assertj.core.groups.Tuple.tuple("tests", "pass"));
    assertThat(iris.tested()).as("tested once, the result went along").hasValue(1);
  }

  @Test
  void blobsAreHardLinkedBetweenEnvironments() throws IOException {
    Digest digest = iris.build("1.0.0");
    iris.promote(null, "dev");
    iris.promote(null, "test");
    Manifest manifest =
        Manifest.parse(iris.store("dev").manifest(iris.store("dev").resolve(digest.toString())));

    for (Descriptor layer : manifest.layers()) {
      assertThat(key(iris.blob("test", layer.digest())))
          .isEqualTo(key(iris.blob("dev", layer.digest())));
    }
  }

  private static Object key(Path file) throws IOException {
    return Files.getAttribute(file, "unix:ino");
  }

  @Test
  void promotingAgainChangesNothing() throws IOException {
    iris.build("1.0.0");
    iris.promote(null, "dev");
    var head = iris.ledger().head();

    PromotionResult again = iris.promote("iris:1.0.0", "dev");

    assertThat(again.outcome()).isEqualTo(PromotionResult.Outcome.ALREADY_THERE);
    assertThat(iris.ledger().head()).isEqualTo(head);
  }

  @Test
  void anUnknownEnvironmentIsNamedWithItsNeighbour() throws IOException {
    iris.build("1.0.0");

    Failure failure = failure(() -> iris.promote(null, "pord"));

    assertThat(failure.code()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(failure.why()).containsExactly("this project has dev, test, prod");
    assertThat(failure.hint()).contains("`prod`");
    assertThat(directory.resolve(".mlo/ledger.git")).doesNotExist();
  }

  @Test
  void outOfOrderIsRefusedAndNothingIsWritten() throws IOException {
    iris.build("1.0.0");

    Failure bare = failure(() -> iris.promote(null, "prod"));
    Failure named = failure(() -> iris.promote("iris:1.0.0", "prod"));

    assertThat(bare.code()).isEqualTo(ExitCode.REFUSED);
    assertThat(bare.hint()).isEqualTo("mlo promote --to test");
    assertThat(named.code()).isEqualTo(ExitCode.REFUSED);
    assertThat(named.why()).anyMatch(line -> line.startsWith("previous environment: "));
    assertThat(directory.resolve(".mlo/envs/prod")).doesNotExist();
    assertThat(directory.resolve(".mlo/ledger.git")).doesNotExist();
  }

  @Test
  void everyGateIsAskedAndEveryRefusalTold() throws IOException {
    iris.build("1.0.0", 0);

    Failure failure = failure(() -> iris.promote("iris:1.0.0", "test"));

    assertThat(failure.code()).isEqualTo(ExitCode.REFUSED);
    assertThat(failure.why())
        .hasSize(2)
        .anyMatch(line -> line.startsWith("previous environment: "))
        .anyMatch(line -> line.startsWith("tests: the image carries no examples"));
  }

  @Test
  void aDamagedBlobNeverEnters() throws IOException {
    Digest digest = iris.build("1.0.0");
    LayoutStore store = LayoutStore.open(directory.resolve(".mlo/store"));
    Manifest manifest = Manifest.parse(store.manifest(store.resolve(digest.toString())));
    Descriptor layer = manifest.layers().getLast();
    Path blob = store.file(layer).orElseThrow();
    Files.delete(blob);
    Files.write(blob, new byte[(int) layer.size()]);

    Failure failure = failure(() -> iris.promote(null, "dev"));

    assertThat(failure.code()).isEqualTo(ExitCode.INTEGRITY);
    assertThat(failure.why()).anyMatch(line -> line.startsWith("integrity: "));
    assertThat(directory.resolve(".mlo/envs/dev")).doesNotExist();
  }

  @Test
  void aVersionIsGivenOnce() throws IOException {
    Digest first = iris.build("1.0.0");
    iris.promote(null, "dev");
    iris.build("1.0.0", 7);

    Failure failure = failure(() -> iris.promote("iris:1.0.0", "dev"));

    assertThat(failure.code()).isEqualTo(ExitCode.CONFLICT);
    assertThat(failure.what()).contains("iris:1.0.0");
    assertThat(iris.pointer("dev")).isEqualTo(first);
  }

  @Test
  void aForeignPointerStopsThePromotionBeforeAnythingIsWritten() throws IOException {
    Digest first = iris.build("1.0.0");
    iris.promote(null, "dev");
    Digest foreign = foreignPointer("dev");
    Digest second = iris.build("2.0.0");

    Failure failure = failure(() -> iris.promote("iris:2.0.0", "dev"));

    assertThat(failure.code()).isEqualTo(ExitCode.CONFLICT);
    assertThat(failure.what()).contains(foreign.toString());
    assertThat(String.join(" ", failure.why())).contains(first.toString(), second.toString());
    assertThat(failure.hint()).contains("--replace " + foreign);
    assertThat(iris.record("dev").current().digest()).isEqualTo(first);

    iris.promoter().promote(new Promotion("iris:2.0.0", "dev", null, false, null, foreign));

    assertThat(iris.pointer("dev")).isEqualTo(second);
    assertThat(iris.state("dev")).isEqualTo("in sync");
  }

  private Digest foreignPointer(String environment) throws IOException {
    LayoutStore store = iris.store(environment);
    Descriptor foreign = TestProject.image(store.directory(), "6.6.6", 1);
    store.tag("iris:" + environment, foreign);
    return foreign.digest();
  }

  @Test
  void lostContentIsBroughtAgain() throws IOException {
    Digest digest = iris.build("1.0.0");
    iris.promote(null, "dev");
    Manifest manifest =
        Manifest.parse(iris.store("dev").manifest(iris.store("dev").resolve(digest.toString())));
    Files.delete(iris.blob("dev", manifest.layers().getLast().digest()));
    assertThat(iris.state("dev")).isEqualTo("content lost");

    PromotionResult again = iris.promote("iris:1.0.0", "dev");

    assertThat(again.outcome()).isEqualTo(PromotionResult.Outcome.RESTORED);
    assertThat(iris.state("dev")).isEqualTo("in sync");
  }

  @Test
  void aDryRunWritesNothing() throws IOException {
    Digest digest = iris.build("1.0.0");

    PromotionResult plan =
        iris.promoter().promote(new Promotion(null, "dev", null, true, null, null));

    assertThat(plan.outcome()).isEqualTo(PromotionResult.Outcome.PLANNED);
    assertThat(plan.release().digest()).isEqualTo(digest);
    assertThat(plan.bytesWritten()).isPositive();
    try (var all = Files.list(directory.resolve(".mlo"))) {
      assertThat(all).containsExactly(directory.resolve(".mlo/store"));
    }
  }

  @Test
  void theLedgerKeepsWhoWhyAndTheGates() throws IOException {
    iris.build("1.0.0");
    iris.promote(null, "dev");
    iris.promote(null, "test");

    LedgerEvent event = iris.ledger().events("iris", "test").getLast();

    assertThat(event.actor()).isEqualTo(TestProject.ALICE);
    assertThat(event.reason()).isEqualTo("because");
    assertThat(event.source()).isEqualTo("dev");
    assertThat(event.closure().blobs()).isGreaterThanOrEqualTo(3);
    GateResult tests = event.gates().getLast();
    assertThat(tests.verdict()).isInstanceOf(Verdict.Pass.class);
    assertThat(((Verdict.Pass) tests.verdict()).evidence()).hasSize(1);
  }

  @Test
  void aWriterThatWakesUpLateMovesNothing() throws IOException {
    iris.build("1.0.0");
    Digest second = iris.build("2.0.0");

    Failure late =
        failure(() ->
            iris.promoter(
                    TestProject.ALICE,
                    step -> {
                      if (step == Checkpoint.Step.COMMITTED) {
                        overtake("iris:2.0.0");
                      }
                    })
                .promote(TestProject.wanted("iris:1.0.0", "dev")));

    assertThat(late.code()).isEqualTo(ExitCode.CONFLICT);
    assertThat(String.join(" ", late.why())).contains("Bob").contains(second.toString());
    assertThat(iris.pointer("dev")).isEqualTo(second);
    assertThat(iris.state("dev")).isEqualTo("in sync");
  }

  @Test
  void whoeverLosesTheRaceForTheLedgerIsToldToWhom() throws IOException {
    iris.build("1.0.0");
    Digest second = iris.build("2.0.0");

    Failure lost =
        failure(() ->
            iris.promoter(
                    TestProject.ALICE,
                    step -> {
                      if (step == Checkpoint.Step.VERIFIED) {
                        overtake("iris:2.0.0");
                      }
                    })
                .promote(TestProject.wanted("iris:1.0.0", "dev")));

    assertThat(lost.code()).isEqualTo(ExitCode.CONFLICT);
    assertThat(String.join(" ", lost.why())).contains("Bob").contains(second.toString());
    assertThat(iris.ledger().events("iris", "dev")).hasSize(1);
    assertThat(iris.pointer("dev")).isEqualTo(second);
  }

  /// As another machine would that shares the ledger and the store, but not our locks.
  private void overtake(String image) {
    try {
      Path lock = directory.resolve(".mlo/locks/dev.lock");
      Path aside = directory.resolve("aside");
      Files.move(lock, aside);
      iris.promoter(TestProject.BOB, Checkpoint.NONE).promote(TestProject.wanted(image, "dev"));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
