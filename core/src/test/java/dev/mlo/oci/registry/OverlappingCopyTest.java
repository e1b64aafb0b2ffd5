package dev.mlo.oci.registry;

import static dev.mlo.oci.registry.FakeRegistry.status;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.DeniedException;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Blobs on their way at the same time, and everything else in its order.
@Timeout(60)
class OverlappingCopyTest {
  private static final int LAYERS = 7;

  @TempDir Path temp;
  private FakeRegistry registry;
  private LayoutStore layout;
  private Descriptor image;
  private List<Descriptor> layers;

  @BeforeEach
  void start() throws IOException {
    registry = new FakeRegistry();
    layout = LayoutStore.create(temp.resolve("layout"));
    layers = new ArrayList<>();
    for (int i = 0; i < LAYERS; i++) {
      layers.add(layout.blob(MediaTypes.LAYER_TAR, "layer %d".formatted(i).getBytes(UTF_8)));
    }
    Descriptor config = layout.blob(MediaTypes.CONFIG, "{}".getBytes(UTF_8));
    byte[] bytes = new Manifest(MediaTypes.MANIFEST, null, config, layers, null, Map.of()).write();
    image = Descriptor.of(MediaTypes.MANIFEST, bytes);
    layout.manifest(image, bytes);
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private RegistryStore store() throws IOException {
    var patience = new Patience(Duration.ofSeconds(5), Duration.ofSeconds(20), 4);
    var options =
        new Registries.Options(
            Map.of(), Set.of(), Set.of(), List.of(), null, patience, RegistryLog.SILENT);
    return new Registries(options, new FakeTime()).open(registry.host(), "ml/iris");
  }

  /// Four requests must be there at once before any of them is answered.
  private static FakeRegistry.Fault meeting(CyclicBarrier four) {
    return _ -> {
      try {
        four.await(15, TimeUnit.SECONDS);
        return false;
      } catch (Exception e) {
        throw new IOException(e);
      }
    };
  }

  @Test
  void fourBlobsAreSentAtOnceAndTheManifestWhenAllAreThere() throws IOException {
    AtomicInteger blobsBefore = new AtomicInteger();
    registry.always("PUT", "/blobs/uploads/", meeting(new CyclicBarrier(4)));
    registry.always(
        "PUT",
        "/manifests/",
        _ -> {
          blobsBefore.set(registry.blobs.size());
          return false;
        });
    AtomicLong advanced = new AtomicLong();
    AtomicInteger moved = new AtomicInteger();
    CopyLog log =
        new CopyLog() {
          @Override
          public void planned(long blobs, long bytes) {}

          @Override
          public void advanced(Descriptor blob, long bytes) {
            advanced.addAndGet(bytes);
          }

          @Override
          public void moved(Descriptor blob, long bytes) {
            moved.incrementAndGet();
          }
        };
    Copy.Report report = Copy.copy(layout, image, store(), log);
    assertThat(blobsBefore).hasValue(LAYERS + 1);
    assertThat(moved).hasValue(LAYERS + 1);
    assertThat(advanced).hasValue(report.bytes() - image.size());
    assertThat(report.bytesWritten()).isEqualTo(report.bytes());
    assertThat(report.blobsReused()).isZero();
  }

  @Test
  void fourBlobsAreFetchedAtOnce() throws IOException {
    Copy.copy(layout, image, store(), CopyLog.SILENT);
    registry.always("GET", "/blobs/", meeting(new CyclicBarrier(4)));
    LayoutStore back = LayoutStore.create(temp.resolve("back"));
    Copy.copy(store(), image, back, CopyLog.SILENT);
    Copy.verify(back, image, CopyLog.SILENT);
  }

  @Test
  void oneRefusalEndsTheOthersAtOnceAndTheNextRunFinishes() throws IOException {
    CountDownLatch waiting = new CountDownLatch(3);
    String refused = "digest=sha256%3A" + layers.get(2).digest().hex();
    registry.always(
        "PUT",
        "/blobs/uploads/",
        exchange -> {
          if (!exchange.getRequestURI().toString().contains(refused)) {
            waiting.countDown();
            return true;
          }
          try {
            assertThat(waiting.await(15, TimeUnit.SECONDS)).isTrue();
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          return status(403, "").answers(exchange);
        });
    long started = System.nanoTime();
    assertThatThrownBy(() -> Copy.copy(layout, image, store(), CopyLog.SILENT))
        .isInstanceOf(DeniedException.class);
    assertThat(Duration.ofNanos(System.nanoTime() - started)).isLessThan(Duration.ofSeconds(10));
    assertThat(registry.manifests).isEmpty();
    registry.faults.clear();
    Copy.copy(layout, image, store(), CopyLog.SILENT);
    assertThat(registry.manifests).containsKey(image.digest().toString());
  }

  @Test
  void anInterruptEndsACopyAndTheNextRunFinishes() throws IOException {
    CountDownLatch waiting = new CountDownLatch(4);
    registry.always(
        "GET",
        "/blobs/",
        _ -> {
          waiting.countDown();
          return true;
        });

    Copy.copy(layout, image, store(), CopyLog.SILENT);
    LayoutStore back = LayoutStore.create(temp.resolve("back"));
    Thread caller = Thread.currentThread();
    Thread.ofVirtual()
        .start(() -> {
          try {
            waiting.await();
            caller.interrupt();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
    assertThatThrownBy(() -> Copy.copy(store(), image, back, CopyLog.SILENT))
        .isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(back.has(image)).isFalse();
    registry.faults.clear();
    Copy.copy(store(), image, back, CopyLog.SILENT);
    Copy.verify(back, image, CopyLog.SILENT);
  }
}
