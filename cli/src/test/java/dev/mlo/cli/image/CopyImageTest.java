package dev.mlo.cli.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.attest.TestResult;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Images;
import dev.mlo.cli.project.ModelImage;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.LayoutStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CopyImageTest {
  @TempDir Path directory;
  private Images images;
  private LayoutStore store;
  private Descriptor image;

  @BeforeEach
  void project() throws Exception {
    images = Images.in(directory.resolve("project"));
    store = LayoutStore.create(images.workspace().store());
    image = ModelImage.write(store, "iris", "1.0.0");
    new TestResult(image.digest(), true, "2026-11-20T10:00:00Z", "0.1.0", List.of())
        .attach(store, image);
  }

  @Test
  void everyPairOfPlacesKeepsDigestNameAndTestResult() throws Exception {
    String layout = "oci:" + directory.resolve("layout");
    String tar = "tar:" + directory.resolve("iris.tar");
    Images other = Images.in(directory.resolve("other"));

    copy(images, "iris:1.0.0", layout);
    copy(images, layout, tar);
    CopyImage.Result back = copy(other, tar, "iris");
    copy(other, "iris", "tar:" + directory.resolve("again.tar"));
    copy(other, "tar:" + directory.resolve("again.tar"), layout + "2:renamed");
    copy(other, layout + "2", layout);

    assertThat(back.to()).isEqualTo("iris:1.0.0");
    assertThat(back.reference()).isEqualTo("iris@" + image.digest());
    InspectImage.Result seen = InspectImage.inspect(other, "iris:1.0.0");
    assertThat(seen.view().root().digest()).isEqualTo(image.digest());
    assertThat(seen.test()).hasValueSatisfying(test -> assertThat(test.passed()).isTrue());
    assertThat(LayoutStore.open(directory.resolve("layout")).tags())
        .containsOnlyKeys("iris:1.0.0", "renamed");
    assertThat(Files.mismatch(directory.resolve("iris.tar"), directory.resolve("again.tar")))
        .isEqualTo(-1);
  }

  @Test
  void aDryRunChangesNothing() throws Exception {
    for (String to : List.of("oci:" + directory.resolve("x"), "tar:" + directory.resolve("x"))) {
      CopyImage.Result plan = run(images, "iris:1.0.0", to, false, true);
      assertThat(plan.moved().bytesWritten()).isEqualTo(plan.moved().bytes()).isPositive();
      assertThat(directory.resolve("x")).doesNotExist();
    }
    CopyImage.Result same = run(images, "iris:1.0.0", "iris:other", false, true);
    assertThat(same.moved().bytesWritten()).isZero();
    assertThat(store.tags()).containsOnlyKeys("iris:1.0.0");
  }

  @Test
  void aNameThatPointsElsewhereIsNotMovedByAccident() throws Exception {
    ModelImage.write(store, "iris", "1.1.0");
    assertThatThrownBy(() -> copy(images, "iris:1.0.0", "iris:1.1.0"))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> {
              assertThat(failure.code()).isEqualTo(ExitCode.CONFLICT);
              assertThat(failure.hint()).isEqualTo("mlo copy iris:1.0.0 iris:1.1.0 --force");
            });
    run(images, "iris:1.0.0", "iris:1.1.0", true, false);
    assertThat(store.resolve("iris:1.1.0").digest()).isEqualTo(image.digest());
  }

  @Test
  void anEnvironmentIsASourceButNoDestination() throws Exception {
    LayoutStore prod = LayoutStore.create(images.workspace().environment("prod"));
    copy(images, "iris:1.0.0", "oci:" + prod.directory());
    prod.tag("iris:prod", image);

    CopyImage.Result result = copy(images, "env:prod", "oci:" + directory.resolve("usb"));
    assertThat(result.to()).endsWith(":iris:1.0.0");
    assertThatThrownBy(() -> copy(images, "iris:1.0.0", "env:prod"))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> {
              assertThat(failure.code()).isEqualTo(ExitCode.USAGE);
              assertThat(failure.hint()).isEqualTo("mlo promote iris:1.0.0 --to prod");
            });
  }

  @Test
  void aTarInADirectoryThatIsNotThereIsRefusedBeforeTheWork() {
    assertThatThrownBy(() -> copy(images, "iris", "tar:" + directory.resolve("no/where.tar")))
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.hint()).startsWith("mkdir -p "));
  }

  private static CopyImage.Result copy(Images images, String from, String to) throws Exception {
    return run(images, from, to, false, false);
  }

  private static CopyImage.Result run(
      Images images, String from, String to, boolean force, boolean dryRun) throws Exception {
    return new CopyImage(images, CopyLog.SILENT)
        .copy(new CopyImage.Request(from, to, force, dryRun));
  }
}
