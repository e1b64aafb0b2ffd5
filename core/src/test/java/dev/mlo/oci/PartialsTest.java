package dev.mlo.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One owner at a time, in this process and among all.
class PartialsTest {
  private static final Digest DIGEST = Digest.sha256("large".getBytes(UTF_8));

  @TempDir Path temp;
  private Partials partials;

  @BeforeEach
  void open() {
    partials = new Partials(temp);
  }

  @Test
  void whatIsBeingWrittenIsNobodyElses() throws IOException {
    try (Partials.Partial mine = partials.fresh(DIGEST)) {
      assertThat(partials.claim(DIGEST)).isEmpty();
      partials.forget(DIGEST);
      partials.sweep(Instant.MAX);
      assertThat(mine.file()).exists();
      assertThat(isFree(mine.file())).as("after so many looks").isFalse();
    }
  }

  @Test
  void whatIsLeftGoesToOne() throws IOException {
    Path file;
    try (Partials.Partial mine = partials.fresh(DIGEST)) {
      file = mine.file();
    }
    assertThat(isFree(file)).isTrue();
    Partials.Partial claimed = partials.claim(DIGEST).orElseThrow();
    try (claimed) {
      assertThat(claimed.file()).isEqualTo(file);
      assertThat(partials.claim(DIGEST)).isEmpty();
      assertThat(isFree(file)).isFalse();
    }
    assertThat(partials.claim(Digest.sha256("other".getBytes(UTF_8)))).isEmpty();
    partials.forget(DIGEST);
    assertThat(file).doesNotExist();
  }

  @Test
  void theLongestGoesFirst() throws IOException {
    try (Partials.Partial one = partials.fresh(DIGEST);
        Partials.Partial two = partials.fresh(DIGEST);
        Partials.Partial three = partials.fresh(DIGEST)) {
      Files.write(one.file(), new byte[1]);
      Files.write(two.file(), new byte[3]);
      Files.write(three.file(), new byte[2]);
    }
    try (Partials.Partial claimed = partials.claim(DIGEST).orElseThrow()) {
      assertThat(claimed.file()).hasSize(3);
    }
  }

  @Test
  void aFileThatOnlyLooksLikeOneIsNone() throws IOException {
    String name = ".part-0000000000000001-" + DIGEST.hex().substring(0, 16);
    Path target = Files.writeString(temp.resolve("target"), "mine");
    Files.createSymbolicLink(temp.resolve(name), target);
    Files.createDirectory(temp.resolve(name.replace("0001", "0002")));
    assertThat(partials.claim(DIGEST)).isEqualTo(Optional.empty());
    partials.forget(DIGEST);
    assertThat(partials.before(Instant.MAX)).isEmpty();
    assertThat(target).hasContent("mine");
  }

  /// Says with its exit code whether it could take the lock of a file.
  static final class Other {
    private static final int FREE = 42;
    private static final int HELD = 43;

    private Other() {}

    public static void main(String[] words) throws IOException {
      try (FileChannel channel = FileChannel.open(Path.of(words[0]), StandardOpenOption.WRITE)) {
        System.exit(channel.tryLock() == null ? HELD : FREE);
      }
    }
  }

  private static boolean isFree(Path file) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Other.class.getName(),
                file.toString())
            .inheritIO()
            .start();
    int exit = process.onExit().join().exitValue();
    assertThat(exit).isIn(Other.FREE, Other.HELD);
    return exit == Other.FREE;
  }
}
