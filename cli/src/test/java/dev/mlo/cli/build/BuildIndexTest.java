package dev.mlo.cli.build;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BuildIndexTest {
  private static final Digest DIGEST = Digest.sha256(new byte[0]);
  private static final FileStamp STAMP = new FileStamp(1, 1_000_000_001L, 1_000_000_001L, 7);
  private static final long LATER = 10_000_000_000L;

  @TempDir Path temporary;

  @Test
  void remembersWhatIsRecognised() throws IOException {
    Path file = temporary.resolve("index.json");
    BuildIndex index = BuildIndex.read(file);
    index.remember("a", STAMP, LATER, DIGEST, null);
    index.write();
    BuildIndex again = BuildIndex.read(file);
    assertThat(again.digest("a", STAMP)).contains(DIGEST);
    assertThat(again.digest("a", new FileStamp(1, 1_000_000_001L, 1_000_000_002L, 7))).isEmpty();
    assertThat(again.digest("a", new FileStamp(1, 1_000_000_001L, 1_000_000_001L, 8))).isEmpty();
    assertThat(again.digest("b", STAMP)).isEmpty();
  }

  @Test
  void fileWrittenJustBeforeItWasReadIsNotTrusted() {
    BuildIndex index = BuildIndex.read(temporary.resolve("index.json"));
    index.remember("fresh", STAMP, STAMP.changed() + 1, DIGEST, null);
    assertThat(index.digest("fresh", STAMP)).isEmpty();
    FileStamp wholeSeconds = new FileStamp(1, 1_000_000_000L, 1_000_000_000L, 7);
    index.remember("coarse", wholeSeconds, 2_000_000_000L, DIGEST, null);
    assertThat(index.digest("coarse", wholeSeconds)).isEmpty();
  }

  @Test
  void whatStandsInItsPlaceCostsTimeOnly() throws IOException {
    Path file = Files.createDirectories(temporary.resolve("index.json"));
    Files.createFile(file.resolve("something"));
    BuildIndex index = BuildIndex.read(file);
    index.remember("a", STAMP, LATER, DIGEST, null);
    index.write();
    assertThat(file.resolve("something")).exists();
    try (var files = Files.list(temporary)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void damagedIndexCountsAsEmpty() throws IOException {
    for (String damage :
        new String[] {
          "",
          "[]",
          "{\"version\":1}",
          "{\"version\":9,\"files\":{}}",
          "{\"version\":1,\"files\":{\"a\":{\"digest\":\"nonsense\"}}}"
        }) {
      Path file = Files.writeString(temporary.resolve("index.json"), damage);
      assertThat(BuildIndex.read(file).digest("a", STAMP)).as(damage).isEmpty();
    }
  }
}
