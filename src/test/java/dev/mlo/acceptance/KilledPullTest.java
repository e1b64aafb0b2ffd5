package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A pull that `kill -9` ends in the middle of its large blobs, and the one after it.
@ExtendWith(Installed.class)
class KilledPullTest {
  private static final int MIB = 1 << 20;
  private static final int WEIGHTS = 96 * MIB;

  /// Manifests, what the proxy had taken from the registry and not passed on, and of each blob the
  /// last block, which had not come as a whole.
  private static final long MORE = 8L * MIB;

  @TempDir Path project;
  @TempDir Path registryFiles;
  @TempDir Path pulled;

  @Test
  void aKilledPullFetchesOnlyTheRest(Mlo user, TestReporter reporter) throws Exception {
    Mlo mlo = user.in(project);
    layLarge();
    assertThat(mlo.run("build", "-q").exit()).isZero();
    Mlo there = user.in(pulled);
    try (LocalRegistry registry = LocalRegistry.start(registryFiles);
        FlakyProxy wire = new FlakyProxy(registry.host(), 1)) {
      String name = wire.address() + "/ml/iris:1.0.0";
      assertThat(mlo.run("push", "-q", "iris:1.0.0", name).exit()).isZero();
      long total = size(mlo);
      long before = wire.received.get();

      wire.holdAt(before + total / 2);
      Installed.Running first = there.start("pull", "-q", name);
      assertThat(wire.awaitHeld(Duration.ofMinutes(1))).isTrue();
      first.close();
      first.outcome(Duration.ofSeconds(30));
      long whole = bytes(blobs("sha256"), 1);
      long parts = bytes(blobs(""), MIB);
      assertThat(parts).isGreaterThan(MIB);
      wire.release();
      before = wire.received.get();

      Outcome second = there.run("pull", name);

      long fetched = wire.received.get() - before;
      assertThat(second.exit()).as(second.toString()).isZero();
      assertThat(second.stderr()).contains("are here from a run before");
      assertThat(fetched).isBetween(total - whole - parts, total - whole - parts + MORE);
      new StoredImages(pulled).verify(second.toString());
      assertThat(blobs("")).isEmpty();
      String counts =
          "of %d bytes the killed pull left %d whole and %d in parts; the second fetched %d"
              .formatted(total, whole, parts, fetched);
      reporter.publishEntry(counts);
      System.out.println(counts);
    }
  }

  /// A model whose weights lie beside it, in one large layer.
  private void layLarge() throws IOException {
    IrisProject.lay(project, "1.0.0");
    Path model = Files.createDirectories(project.resolve("model"));
    Files.move(project.resolve("model.onnx"), model.resolve("model.onnx"));
    Path manifest = project.resolve("mlops.yaml");
    Files.writeString(
        manifest, Files.readString(manifest).replace("model: model.onnx", "model: model"));
    byte[] bytes = new byte[MIB];
    var random = new Random(1);
    try (OutputStream out = Files.newOutputStream(model.resolve("weights.bin"))) {
      for (int i = 0; i < WEIGHTS / MIB; i++) {
        random.nextBytes(bytes);
        out.write(bytes);
      }
    }
  }

  /// Of all layers and the configuration.
  private long size(Mlo mlo) {
    return mlo.run(
            "copy", "iris:1.0.0", "oci:" + project.resolve("nowhere"), "--dry-run", "-o", "json")
        .json()
        .at("/moved/bytes")
        .asLong();
  }

  /// The files in the folder of the blobs, or in one below it.
  private List<Path> blobs(String folder) throws IOException {
    Path at = pulled.resolve(".mlo/store/blobs").resolve(folder);
    try (Stream<Path> files = Files.list(at)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  /// How many bytes there are in whole blocks.
  private static long bytes(List<Path> files, long block) throws IOException {
    long total = 0;
    for (Path file : files) {
      total += Files.size(file) / block * block;
    }
    return total;
  }
}
