package dev.mlo.oci.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.MediaTypes;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnfinishedUploadsTest {
  @TempDir Path temp;
  private Path uploads;
  private Path weights;

  @BeforeEach
  void lay() throws IOException {
    uploads = temp.resolve("uploads");
    weights = Files.writeString(temp.resolve("weights"), "a part of them");
  }

  private Unfinished begun() throws IOException {
    Descriptor blob =
        Descriptor.of(MediaTypes.LAYER_TAR, Digest.sha256("weights".getBytes(UTF_8)), 9 << 20);
    Unfinished begun =
        Unfinished.claim(uploads, Address.of("localhost:5000", false), "ml/iris", blob, weights)
            .orElseThrow();
    begun.write(new Unfinished.Upload(URI.create("http://localhost:5000/v2/x"), 1 << 20));
    return begun;
  }

  private Path record() throws IOException {
    try (Stream<Path> files = Files.list(uploads)) {
      return files.filter(file -> file.toString().endsWith(".json")).findFirst().orElseThrow();
    }
  }

  private int sweep(Predicate<Path> gone, boolean dryRun) throws IOException {
    return new UnfinishedUploads(uploads).sweep(Instant.now(), gone, dryRun);
  }

  @Test
  void whereNothingWasNotedDownThereIsNothing() throws IOException {
    assertThat(sweep(_ -> true, false)).isZero();
    assertThat(uploads).doesNotExist();
  }

  @Test
  void whatIsOlderThanADayIsForgotten() throws IOException {
    begun().close();
    assertThat(sweep(_ -> false, false)).isZero();
    Instant before = Instant.now().minus(Duration.ofHours(25));
    Files.setLastModifiedTime(record(), FileTime.from(before));

    assertThat(sweep(_ -> false, true)).isEqualTo(1);
    assertThat(record()).exists();
    assertThat(sweep(_ -> false, false)).isEqualTo(1);
    assertThat(uploads).isEmptyDirectory();
  }

  @Test
  void soIsOneWhoseBlobIsGoneOrAboutToGo() throws IOException {
    begun().close();
    assertThat(sweep(weights::equals, true)).isEqualTo(1);
    Files.delete(weights);

    assertThat(sweep(_ -> false, false)).isEqualTo(1);
    assertThat(sweep(_ -> false, false)).isZero();
    assertThat(uploads).isEmptyDirectory();
  }

  @Test
  void soIsOneThatCannotBeRead() throws IOException {
    begun().close();
    Files.writeString(record(), "{");

    assertThat(sweep(_ -> false, false)).isEqualTo(1);
    assertThat(uploads).isEmptyDirectory();
  }

  @Test
  void whatIsUnderWayStays() throws IOException {
    try (Unfinished _ = begun()) {
      Files.delete(weights);
      assertThat(sweep(_ -> false, true)).isZero();
      assertThat(sweep(_ -> false, false)).isZero();
      assertThat(record()).exists();
    }
    assertThat(sweep(_ -> false, false)).isEqualTo(1);
  }

  /// What finished long ago leaves its lock.
  @Test
  void aLockThatNobodyHoldsGoesWithoutBeingCounted() throws IOException {
    try (Unfinished finished = begun()) {
      finished.forget();
    }
    assertThat(uploads).isNotEmptyDirectory();

    assertThat(sweep(_ -> false, false)).isZero();
    assertThat(uploads).isEmptyDirectory();
  }
}
