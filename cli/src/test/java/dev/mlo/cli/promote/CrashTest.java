package dev.mlo.cli.promote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.LayoutStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A promotion that dies after each of its steps.
class CrashTest {
  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource
  void leavesOldOrNewAndTheNextRunFinishes(Checkpoint.Step step)
      throws IOException, InterruptedException {
    TestProject iris = TestProject.in(directory);
    Digest old = iris.build("1.0.0");
    Digest wanted = iris.build("2.0.0");
    iris.promote("iris:1.0.0", "dev");

    Process other = OtherProcess.start(iris, "iris:2.0.0", "dev", step.name());
    String output = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(other.waitFor(120, TimeUnit.SECONDS)).isTrue();

    assertThat(other.exitValue()).as(output).isEqualTo(OtherProcess.HALTED);
    boolean committed = step.compareTo(Checkpoint.Step.COMMITTED) >= 0;
    boolean pointed = step.compareTo(Checkpoint.Step.POINTED) >= 0;
    assertThat(iris.record("dev").current().digest()).isEqualTo(committed ? wanted : old);
    assertThat(iris.pointer("dev")).isEqualTo(pointed ? wanted : old);
    assertThat(iris.state("dev"))
        .isEqualTo(committed && !pointed ? "interrupted promotion" : "in sync");
    requireReadable(iris);

    PromotionResult again = iris.promote("iris:2.0.0", "dev");

    assertThat(again.outcome())
        .isEqualTo(
            pointed
                ? PromotionResult.Outcome.ALREADY_THERE
                : committed ? PromotionResult.Outcome.FINISHED : PromotionResult.Outcome.DONE);
    assertThat(iris.pointer("dev")).isEqualTo(wanted);
    assertThat(iris.state("dev")).isEqualTo("in sync");
    assertThat(iris.ledger().events("iris", "dev")).hasSize(2);
    assertThat(new History(iris.project()).events("dev", true).events()).hasSize(2);
    requireReadable(iris);
  }

  private static void requireReadable(TestProject iris) throws IOException {
    LayoutStore dev = iris.store("dev");
    for (Map.Entry<String, Descriptor> tag : dev.tags().entrySet()) {
      assertThat(Whole.fault(dev, tag.getValue())).as(tag.getKey()).isEmpty();
    }
  }

  @Test
  void theFirstPromotionOfAllMayDieBeforeItsPointer() throws IOException, InterruptedException {
    TestProject iris = TestProject.in(directory);
    Digest wanted = iris.build("1.0.0");
    Process other = OtherProcess.start(iris, "iris:1.0.0", "dev", "COMMITTED");
    assertThat(other.waitFor(120, TimeUnit.SECONDS)).isTrue();

    @Nullable Digest before = iris.pointer("dev");
    assertThat(before).isNull();
    assertThat(iris.state("dev")).isEqualTo("interrupted promotion");

    assertThat(iris.promote(null, "test").gates()).hasSize(3);
    assertThat(iris.promote("iris:1.0.0", "dev").outcome())
        .isEqualTo(PromotionResult.Outcome.FINISHED);
    assertThat(iris.pointer("dev")).isEqualTo(wanted);
  }

  @Test
  void aHalfMadeEnvironmentIsMadeWhole() throws IOException {
    TestProject iris = TestProject.in(directory);
    Digest wanted = iris.build("1.0.0");
    Files.createDirectories(directory.resolve(".mlo/envs/dev/blobs"));

    assertThat(iris.state("dev")).isEqualTo("empty");
    iris.promote(null, "dev");

    assertThat(iris.pointer("dev")).isEqualTo(wanted);
  }

  @Test
  void anotherPromotionGoesOnFromAnInterruptedOne() throws IOException, InterruptedException {
    TestProject iris = TestProject.in(directory);
    iris.build("1.0.0");
    iris.build("2.0.0");
    iris.build("3.0.0");
    Digest last = iris.build("4.0.0");
    iris.promote("iris:1.0.0", "dev");
    for (String version : new String[] {"2.0.0", "3.0.0"}) {
      Process other = OtherProcess.start(iris, "iris:" + version, "dev", "COMMITTED");
      assertThat(other.waitFor(120, TimeUnit.SECONDS)).isTrue();
    }

    iris.promote("iris:4.0.0", "dev");

    assertThat(iris.pointer("dev")).isEqualTo(last);
    assertThat(iris.state("dev")).isEqualTo("in sync");
    assertThat(iris.ledger().events("iris", "dev")).hasSize(4);
  }
}
