package dev.mlo.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// One layout, several writers: threads, processes, the dead ones too.
@Timeout(120)
class SharedLayoutTest {
  private static final int NAMES = 12;

  @TempDir Path temp;

  /// What the other process of these tests does.
  static final class Other {
    private Other() {}

    public static void main(String[] args) throws Exception {
      Path directory = Path.of(args[1]);
      switch (args[0]) {
        case "write" -> writeNames(LayoutStore.create(directory), args[2]);
        case "hold" -> {
          try (StoreLock _ = StoreLock.acquire(directory.resolve(".lock"), Duration.ofSeconds(9))) {
            System.out.println("held");
            System.in.read();
          }
        }
        case "die" ->
            LayoutStore.create(directory)
                .blob(
                    MediaTypes.LAYER_TAR,
                    out -> {
                      out.write(new byte[5 << 20]);
                      System.out.println("writing");
                      System.out.flush();
                      Runtime.getRuntime().halt(9);
                    });
        default -> throw new IllegalArgumentException(args[0]);
      }
    }
  }

  private static void writeNames(LayoutStore store, String prefix) throws IOException {
    for (int i = 0; i < NAMES; i++) {
      Fixtures.image(store, prefix + ":" + i, "shared content " + i);
    }
  }

  private static Process other(Path directory, String... words) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Other.class.getName()));
    command.add(words[0]);
    command.add(directory.toString());
    command.addAll(List.of(words).subList(1, words.length));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  @Test
  void threadsAndProcessesLoseNoNameOfEachOther() throws Exception {
    Path directory = temp.resolve("layout");
    Process process = other(directory, "write", "process");
    try (var threads = Executors.newFixedThreadPool(4)) {
      var work = new ArrayList<Callable<Void>>();
      for (String name : List.of("a", "b", "c", "d")) {
        work.add(() -> {
          writeNames(LayoutStore.create(directory), name);
          return null;
        });
      }
      for (Future<Void> done : threads.invokeAll(work)) {
        done.get();
      }
    }
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();

    LayoutStore store = LayoutStore.open(directory);
    assertThat(store.tags()).hasSize(5 * NAMES);
    for (Descriptor image : store.tags().values()) {
      Copy.verify(store, image, CopyLog.SILENT);
    }
    try (var files = Files.list(directory.resolve("blobs"))) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactly("sha256");
    }
  }

  @Test
  void aLockThatIsNotGivenUpIsNamed() throws Exception {
    Path directory = temp.resolve("layout");
    LayoutStore store = LayoutStore.create(directory, Duration.ofMillis(200));
    Descriptor image = Fixtures.image(store, "content");
    Process holder = other(directory, "hold");
    try (BufferedReader said = holder.inputReader()) {
      assertThat(said.readLine()).isEqualTo("held");
      assertThatThrownBy(() -> store.tag("iris:1", image))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("process " + holder.pid())
          .hasMessageContaining(".lock");
      assertThat(store.tags()).isEmpty();
      holder.outputWriter().close();
      assertThat(holder.waitFor(30, TimeUnit.SECONDS)).isTrue();
    } finally {
      holder.destroyForcibly();
    }
    store.tag("iris:1", image);
    assertThat(store.tags()).containsOnlyKeys("iris:1");
  }

  @Test
  void whatAKilledProcessLeftIsNeverContentAndIsCleanedUp() throws Exception {
    Path directory = temp.resolve("layout");
    Process dying = other(directory, "die");
    assertThat(dying.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(dying.exitValue()).isEqualTo(9);
    assertThat(temporaries(directory)).hasSize(1);

    LayoutStore store = LayoutStore.create(directory);
    assertThat(store.tags()).isEmpty();
    Fixtures.image(store, "iris:1", "content");
    assertThat(temporaries(directory)).isEmpty();
  }

  @Test
  void filesOfMachinesWeCannotSeeAreLeftAloneForADay() throws IOException {
    Path directory = temp.resolve("layout");
    LayoutStore.create(directory);
    Path young = directory.resolve("blobs/.tmp-00000000000a-1-1");
    Path old = directory.resolve("blobs/.tmp-00000000000b-1-1");
    Path foreign = directory.resolve("blobs/.tmp-something-else");
    for (Path file : List.of(young, old, foreign)) {
      Files.writeString(file, "x");
    }
    FileTime twoDaysAgo = FileTime.from(Instant.now().minus(Duration.ofDays(2)));
    Files.setLastModifiedTime(old, twoDaysAgo);
    Files.setLastModifiedTime(foreign, twoDaysAgo);

    LayoutStore.open(directory).blob(MediaTypes.LAYER_TAR, "content".getBytes(UTF_8));

    assertThat(young).exists();
    assertThat(old).doesNotExist();
    assertThat(foreign).exists();
  }

  private static List<Path> temporaries(Path directory) throws IOException {
    try (var files = Files.list(directory.resolve("blobs"))) {
      return files.filter(file -> file.getFileName().toString().startsWith(".tmp-")).toList();
    }
  }

  @Test
  void aReadOnlyLayoutCanBeReadAndSaysWhyItCannotBeWritten() throws IOException {
    assumeThat(System.getProperty("user.name")).as("root may write anywhere").isNotEqualTo("root");
    Path directory = temp.resolve("layout");
    LayoutStore store = LayoutStore.create(directory);
    Descriptor image = Fixtures.image(store, "iris:1", "content");
    List<Path> directories =
        List.of(directory, directory.resolve("blobs"), directory.resolve("blobs/sha256"));
    for (Path each : directories) {
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("r-xr-xr-x"));
    }
    try {
      Copy.verify(LayoutStore.open(directory), image, CopyLog.SILENT);
      assertThatThrownBy(() -> store.blob(MediaTypes.LAYER_TAR, "other".getBytes(UTF_8)))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("permission denied");
      assertThatThrownBy(() -> store.tag("iris:2", image)).isInstanceOf(StoreException.class);
    } finally {
      for (Path each : directories) {
        Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    }
  }

  @Test
  void aPlaceWhereNothingCanBeMadeSaysSo() {
    Path proc = Path.of("/proc/self");
    assumeThat(proc).isDirectory();
    assertThatThrownBy(() -> LayoutStore.create(Path.of("/proc/mlo-layout")))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("/proc/mlo-layout");
  }
}
