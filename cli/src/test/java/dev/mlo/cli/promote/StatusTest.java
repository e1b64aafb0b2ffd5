package dev.mlo.cli.promote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.LayoutStore;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusTest {
  @TempDir Path directory;
  private TestProject iris = new TestProject(Path.of("."), new AtomicInteger());
  private Digest first = Digest.sha256(new byte[0]);
  private Digest second = first;

  @BeforeEach
  void promoteTwoVersions() throws IOException {
    iris = TestProject.in(directory);
    first = iris.build("1.0.0");
    second = iris.build("2.0.0");
    iris.promote("iris:1.0.0", "dev");
    iris.promote("iris:2.0.0", "dev");
  }

  private void point(Digest digest) throws IOException {
    LayoutStore dev = iris.store("dev");
    dev.tag("iris:dev", dev.resolve(digest.toString()).bare());
  }

  @Test
  void anEnvironmentIsEmptyOrInSync() throws IOException {
    assertThat(iris.state("dev")).isEqualTo("in sync");
    assertThat(iris.state("prod")).isEqualTo("empty");
    assertThat(iris.status().drifted()).isFalse();
  }

  @Test
  void thePointerAtTheOneBeforeIsAnInterruptedPromotion() throws IOException {
    point(first);

    assertThat(iris.state("dev")).isEqualTo("interrupted promotion");
  }

  @Test
  void thePointerAtAnOlderOneWasRewound() throws IOException {
    iris.build("3.0.0");
    iris.promote("iris:3.0.0", "dev");
    point(first);

    assertThat(iris.state("dev")).isEqualTo("pointer rewound");
  }

  @Test
  void thePointerAtSomethingUnknownIsAForeignWrite() throws IOException {
    LayoutStore dev = iris.store("dev");
    Descriptor foreign = TestProject.image(dev.directory(), "6.6.6", 1);
    dev.tag("iris:dev", foreign);

    assertThat(iris.state("dev")).isEqualTo("foreign write");
    Drift drift = iris.status().environments().getFirst().drifts().getFirst();
    assertThat(drift.detail()).contains(foreign.digest().toString(), second.toString());
    assertThat(drift.remedy()).endsWith("--replace " + foreign.digest());
  }

  @Test
  void aPointerWithoutALedgerIsAForeignWrite() throws IOException {
    Files.move(directory.resolve(".mlo/ledger.git"), directory.resolve("gone"));

    assertThat(iris.state("dev")).isEqualTo("foreign write");
  }

  @Test
  void aPointerThatIsGoneIsMissed() throws IOException {
    Path index = directory.resolve(".mlo/envs/dev/index.json");
    Files.writeString(index, Files.readString(index).replace("iris:dev", "iris:other"));

    assertThat(iris.state("dev")).isEqualTo("pointer missing");
  }

  @Test
  void aStoreThatIsGoneIsLostContent() throws IOException {
    Files.move(directory.resolve(".mlo/envs/dev"), directory.resolve("gone"));

    assertThat(iris.state("dev")).isEqualTo("pointer missing, content lost");
  }

  @Test
  void aRunnerThatServesAnOlderReleaseIsBehind() throws IOException {
    RunnerSighting old = runner("a", null, "1.0.0", first);
    RunnerSighting current = runner("b", null, "2.0.0", second);
    RunnerSighting stranger = runner("c", null, "9.9.9", Digest.sha256(new byte[] {9}));

    Status.Result result = status(List.of(old, current, stranger));

    EnvironmentStatus dev = result.environments().getFirst();
    assertThat(dev.state()).isEqualTo("runner behind");
    assertThat(dev.runners()).containsExactly(old, current);
    assertThat(result.elsewhere()).containsExactly(stranger);
    assertThat(result.drifted()).isTrue();
  }

  @Test
  void aRunnerStartedForAnEnvironmentMustServeWhatItHas() throws IOException {
    RunnerSighting rogue = runner("a", "env:dev", "9.9.9", Digest.sha256(new byte[] {9}));

    assertThat(status(List.of(rogue)).environments().getFirst().state())
        .isEqualTo("runner serves something else");
  }

  @Test
  void aRunnerThatDoesNotAnswerIsShownAndNoDrift() throws IOException {
    RunnerSighting silent =
        new RunnerSighting("a", "http://127.0.0.1:1", "iris:dev", null, "nothing listens there");

    Status.Result result = status(List.of(silent));

    assertThat(result.environments().getFirst().runners()).containsExactly(silent);
    assertThat(result.drifted()).isFalse();
  }

  private Status.Result status(List<RunnerSighting> local) throws IOException {
    return new Status(
            iris.project(),
            new RunnerWatch() {
              @Override
              public List<RunnerSighting> local() {
                return local;
              }

              @Override
              public List<RunnerSighting> named(List<URI> runners) {
                return List.of();
              }
            })
        .read(null);
  }

  private static RunnerSighting runner(
      String name, @Nullable String image, String version, Digest digest) {
    return new RunnerSighting(
        name,
        "http://127.0.0.1:8080",
        image,
        new RunnerSighting.Serves("iris", version, digest, true),
        null);
  }
}
