package dev.mlo.cli.promote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RollbackTest {
  @TempDir Path directory;
  private TestProject iris = new TestProject(Path.of("."), new AtomicInteger());
  private List<Digest> digests = List.of();

  @BeforeEach
  void promoteThreeVersions() throws IOException {
    iris = TestProject.in(directory);
    var built = new ArrayList<Digest>();
    for (String version : List.of("1.0.0", "2.0.0", "3.0.0")) {
      built.add(iris.build(version));
      iris.promote("iris:" + version, "dev");
    }
    digests = built;
  }

  @Test
  void goesBackOneAndHolds() throws IOException {
    PromotionResult result = iris.rollback("dev", null);

    assertThat(result.kind()).isEqualTo(EventKind.ROLLBACK);
    assertThat(iris.pointer("dev")).isEqualTo(digests.get(1));
    assertThat(iris.record("dev").held()).isTrue();
    assertThat(iris.ledger().events("iris", "dev").getLast().kind()).isEqualTo(EventKind.ROLLBACK);
    assertThat(iris.state("dev")).isEqualTo("in sync");
  }

  @Test
  void twiceGoesBackTwo() throws IOException {
    iris.rollback("dev", null);
    iris.rollback("dev", null);

    assertThat(iris.pointer("dev")).isEqualTo(digests.get(0));
    Failure end = catchThrowableOfType(Failure.class, () -> iris.rollback("dev", null));
    assertThat(end.code()).isEqualTo(ExitCode.NOT_FOUND);
  }

  @Test
  void theNextPromotionReleasesTheHold() throws IOException {
    iris.rollback("dev", null);

    iris.promote("iris:3.0.0", "dev");

    assertThat(iris.record("dev").held()).isFalse();
    assertThat(iris.pointer("dev")).isEqualTo(digests.get(2));
  }

  @Test
  void goesToAVersionANumberOrADigest() throws IOException {
    iris.rollback("dev", "1.0.0");
    assertThat(iris.pointer("dev")).isEqualTo(digests.get(0));

    iris.rollback("dev", "#3");
    assertThat(iris.pointer("dev")).isEqualTo(digests.get(2));

    iris.rollback("dev", digests.get(1).toString());
    assertThat(iris.pointer("dev")).isEqualTo(digests.get(1));
  }

  @Test
  void whatNeverWasThereIsNotFound() throws IOException {
    iris.build("4.0.0");

    Failure failure = catchThrowableOfType(Failure.class, () -> iris.rollback("dev", "4.0.0"));
    Failure empty = catchThrowableOfType(Failure.class, () -> iris.rollback("prod", null));

    assertThat(failure.code()).isEqualTo(ExitCode.NOT_FOUND);
    assertThat(String.join(" ", failure.why())).contains("1.0.0, 2.0.0, 3.0.0");
    assertThat(empty.code()).isEqualTo(ExitCode.NOT_FOUND);
  }

  @Test
  void anInterruptedRollbackIsFinishedNotRepeated() throws IOException {
    Rollback dies =
        new Rollback(
            iris.project(),
            TestProject.author(TestProject.ALICE),
            PromotionLog.SILENT,
            step -> {
              if (step == Checkpoint.Step.COMMITTED) {
                throw new IllegalStateException("the power is gone");
              }
            });
    assertThatIllegalStateException()
        .isThrownBy(() -> dies.rollback(new Rollback.Request("dev", null, false, null, null)));
    assertThat(iris.state("dev")).isEqualTo("interrupted promotion");

    PromotionResult again = iris.rollback("dev", null);

    assertThat(again.outcome()).isEqualTo(PromotionResult.Outcome.FINISHED);
    assertThat(iris.pointer("dev")).isEqualTo(digests.get(1));
    assertThat(iris.ledger().events("iris", "dev")).hasSize(4);
  }
}
