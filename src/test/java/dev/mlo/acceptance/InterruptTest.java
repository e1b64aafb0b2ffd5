package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Ctrl-C in the steps that take long: exit code 130, one message, nothing left behind, and the
/// same command goes on. Each is interrupted once it has begun to write, or has said what it is at.
@ExtendWith(Installed.class)
class InterruptTest {
  private static final long WEIGHTS = 128L << 20;

  /// Another disk, where blobs cannot be hard-linked.
  private static final Path OTHER_DISK = Path.of("/dev/shm");

  @TempDir Path project;

  private static boolean isTemporary(String name) {
    return name.startsWith(".tmp-");
  }

  private void layLarge() throws IOException {
    IrisProject.lay(project, "1.0.0");
    Path model = Files.createDirectories(project.resolve("model"));
    Files.move(project.resolve("model.onnx"), model.resolve("model.onnx"));
    try (var weights = new RandomAccessFile(model.resolve("weights.bin").toFile(), "rw")) {
      weights.setLength(WEIGHTS);
    }
    Path manifest = project.resolve("mlops.yaml");
    Files.writeString(
        manifest, Files.readString(manifest).replace("model: model.onnx", "model: model"));
  }

  private void assertInterrupted(Mlo mlo, Foreground foreground) throws Exception {
    assertInterrupted(mlo, foreground, "error: interrupted");
  }

  /// @param word the one line of it that begins so
  private void assertInterrupted(Mlo mlo, Foreground foreground, String word) throws Exception {
    try (foreground) {
      Foreground.Ended ended = foreground.interrupt();

      assertThat(ended.exit()).as(ended.stderr()).isEqualTo(130);
      assertThat(ended.stderr().lines().filter(line -> line.matches("(error: |stopped).*")))
          .as(ended.stderr())
          .containsExactly(word);
      assertThat(ended.alive()).as("a process of it is left").isFalse();
      assertThat(StoredImages.leftOvers(project)).isEmpty();
      assertThat(StoredImages.leftOvers(mlo.home())).isEmpty();
      if (Files.isDirectory(project.resolve(".mlo/run"))) {
        assertThat(project.resolve(".mlo/run")).isEmptyDirectory();
      }
    }
  }

  private static void run(Mlo mlo, String... words) {
    Outcome outcome = mlo.run(words);
    assertThat(outcome.exit()).as(outcome.stderr()).isZero();
  }

  @Test
  void buildCopyPromoteAndTestOfALargeModel(Mlo user) throws Exception {
    Mlo mlo = user.in(project);
    IrisProject.lay(project, "2.0.0");
    run(mlo, "build", "-q");
    layLarge();
    Path blobs = project.resolve(".mlo/store/blobs");
    assertInterrupted(
        mlo, Foreground.startAndAwaitFile(blobs, InterruptTest::isTemporary, mlo, "build"));
    run(mlo, "build", "-q");

    Path tar = project.resolve("iris.tar");
    assertInterrupted(
        mlo,
        Foreground.startAndAwaitFile(
            project, InterruptTest::isTemporary, mlo, "copy", "iris:1.0.0", "tar:iris.tar"));
    assertThat(tar).doesNotExist();
    run(mlo, "copy", "iris:1.0.0", "tar:iris.tar");
    Files.delete(tar);

    Path layers = Files.createDirectories(mlo.home().resolve(".cache/mlo/layers"));
    assertInterrupted(
        mlo, Foreground.startAndAwaitFile(layers, InterruptTest::isTemporary, mlo, "test"));
    assertInterrupted(mlo, Foreground.start(mlo, "test").awaitLine("starting the runner"));
    run(mlo, "test", "-q");

    promoteToAnotherDisk(mlo);
  }

  private void promoteToAnotherDisk(Mlo mlo) throws Exception {
    assumeTrue(Files.isWritable(OTHER_DISK), "there is no second disk to promote to");
    Path store = Files.createTempDirectory(OTHER_DISK, "mlo-test-");
    try {
      Files.writeString(
          project.resolve("mlops.yaml"),
          Files.readString(project.resolve("mlops.yaml"))
              + "environments: {dev: {store: \"oci:%s\"}}\n".formatted(store.resolve("dev")));
      run(mlo, "copy", "iris:2.0.0", "oci:" + store.resolve("dev"));
      Path blobs = store.resolve("dev/blobs");
      assertInterrupted(
          mlo,
          Foreground.startAndAwaitFile(
              blobs, InterruptTest::isTemporary, mlo, "promote", "iris:1.0.0", "--to", "dev"));
      assertThat(StoredImages.leftOvers(store)).isEmpty();
      assertThat(project.resolve(".mlo/ledger.git")).doesNotExist();
      run(mlo, "promote", "iris:1.0.0", "--to", "dev");
      run(mlo, "history", "--verify");
    } finally {
      try (Stream<Path> all = Files.walk(store)) {
        for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  @Test
  void runWhileItStartsAndWhileItServesAndTheDemo(Mlo user) throws Exception {
    Mlo mlo = user.in(project);
    IrisProject.lay(project, "1.0.0");
    run(mlo, "build", "-q");
    String[] serve = {"run", "iris:1.0.0", "--port", "0", "--admin-port", "0"};

    assertInterrupted(mlo, Foreground.start(mlo, serve).awaitLine("starting the runner"));
    Files.createDirectories(project.resolve(".mlo/run"));
    assertInterrupted(
        mlo,
        Foreground.startAndAwaitFile(
            project.resolve(".mlo/run"), name -> name.endsWith(".json"), mlo, serve),
        "stopped; requests answered: 0");
    assertInterrupted(mlo, Foreground.start(mlo, "demo").awaitLine("mlo run"));

    try (ServedModel served = ServedModel.start(mlo, project, "iris:1.0.0")) {
      assertThat(served.process().isAlive()).isTrue();
    }
  }
}
