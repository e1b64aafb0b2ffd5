package dev.mlo.oci.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.DigestMismatchException;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.UnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A large blob whose download broke off goes on in the next run, and nothing a registry says of
/// parts is believed.
class ResumedDownloadTest {
  private static final int SIZE = (12 << 20) + 345;

  /// What arrives before the connection breaks, in every try of the first run.
  private static final int ARRIVES = (5 << 20) + 678;

  /// The whole blocks of it.
  private static final long KEPT = 5 << 20;

  @TempDir Path temp;
  private FakeRegistry registry;
  private Shelf shelf;
  private Descriptor layer;
  private Descriptor image;
  private LayoutStore back;

  /// The `Range` of each request for the large blob; `-`: all of it.
  private final List<String> ranges = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() throws IOException {
    registry = new FakeRegistry();
    shelf = new Shelf(temp.resolve("layout"), Duration.ofSeconds(5));
    byte[] weights = new byte[SIZE];
    new Random(7).nextBytes(weights);
    layer = shelf.layout.blob(MediaTypes.LAYER_TAR, out -> out.write(weights));
    image = shelf.image(layer);
    shelf.push(image, store(), "1.0.0");
    back = LayoutStore.create(temp.resolve("back"));
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private RegistryStore store() throws IOException {
    return shelf.store(registry, "ml/iris");
  }

  private Copy.Report pull(CopyLog log) throws IOException {
    return Copy.copy(store(), image, back, log);
  }

  /// The first run: nothing comes after some bytes, however often it asks.
  private Path broken() throws IOException {
    registry.always("GET", layer.digest().toString(), this::cut);
    assertThatThrownBy(() -> pull(CopyLog.SILENT)).isInstanceOf(UnavailableException.class);
    registry.faults.clear();
    registry.always(
        "GET",
        layer.digest().toString(),
        exchange -> {
          ranges.add(range(exchange));
          return false;
        });
    assertThat(partials()).hasSize(1);
    return partials().getFirst();
  }

  private boolean cut(HttpExchange exchange) throws IOException {
    if (range(exchange).equals("-")) {
      exchange.sendResponseHeaders(200, SIZE);
      exchange.getResponseBody().write(registry.blob(layer.digest()), 0, ARRIVES);
    }
    throw new IOException("cut");
  }

  private static String range(HttpExchange exchange) {
    return Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Range"), "-");
  }

  private List<Path> partials() throws IOException {
    try (Stream<Path> files = Files.list(back.directory().resolve("blobs"))) {
      return files.filter(file -> !Files.isDirectory(file)).toList();
    }
  }

  private void isWhole() throws IOException {
    Copy.verify(back, image, CopyLog.SILENT);
    assertThat(partials()).isEmpty();
  }

  @Test
  void whatArrivedIsNotFetchedAgain() throws IOException {
    broken();
    var told = new ArrayList<String>();
    pull(
        new CopyLog() {
          @Override
          public void planned(long blobs, long bytes) {}

          @Override
          public void resumed(Descriptor blob, long bytes) {
            told.add("resumed " + bytes);
          }

          @Override
          public void moved(Descriptor blob, long bytes) {
            if (blob.equals(layer)) {
              told.add("moved " + bytes);
            }
          }
        });
    assertThat(ranges).containsExactly("bytes=" + KEPT + "-");
    assertThat(told).containsExactly("resumed " + KEPT, "moved " + (SIZE - KEPT));
    isWhole();
  }

  @Test
  void aBlobOfWhichEverythingButTheLastByteIsHereIsAskedForTheRest() throws IOException {
    Path partial = broken();
    Files.write(partial, registry.blob(layer.digest()));
    pull(CopyLog.SILENT);
    assertThat(ranges).containsExactly("bytes=" + (12 << 20) + "-");
    isWhole();
  }

  /// What a registry may do when it is asked for a part.
  enum Answer {
    WHOLE,
    REFUSAL,
    OTHER_PART,
    OTHER_SIZE,
    NO_RANGE,
    OTHER_BYTES,
    TOO_MUCH
  }

  @ParameterizedTest
  @EnumSource
  void aRegistryThatGivesNoPartsGivesAllOfIt(Answer answer) throws IOException {
    broken();
    registry.once(
        "GET",
        layer.digest().toString(),
        exchange -> {
          byte[] bytes = registry.blob(layer.digest());
          byte[] rest = Arrays.copyOfRange(bytes, (int) KEPT, SIZE);
          int status =
              switch (answer) {
                case WHOLE -> 200;
                case REFUSAL -> 416;
                default -> 206;
              };
          String range =
              switch (answer) {
                case WHOLE, NO_RANGE -> "";
                case REFUSAL -> "bytes */" + SIZE;
                case OTHER_PART -> "bytes 0-%d/%d".formatted(rest.length - 1, SIZE);
                case OTHER_SIZE -> "bytes %d-%d/%d".formatted(KEPT, SIZE, SIZE + 1);
                case OTHER_BYTES, TOO_MUCH -> "bytes %d-%d/%d".formatted(KEPT, SIZE - 1, SIZE);
              };
          if (!range.isEmpty()) {
            exchange.getResponseHeaders().add("Content-Range", range);
          }
          rest[1000] ^= (byte) (answer == Answer.OTHER_BYTES ? 1 : 0);
          FakeRegistry.answer(
              exchange,
              status,
              switch (answer) {
                case WHOLE -> bytes;
                case REFUSAL -> new byte[0];
                case TOO_MUCH -> Arrays.copyOf(rest, rest.length + 1);
                default -> rest;
              });
          return true;
        });
    pull(CopyLog.SILENT);
    assertThat(ranges).containsExactly("bytes=" + KEPT + "-", "-");
    isWhole();
  }

  @Test
  void whatWasDamagedOnTheDiskIsFetchedAnew() throws IOException {
    Path partial = broken();
    try (FileChannel channel = FileChannel.open(partial, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), 1 << 20);
    }
    pull(CopyLog.SILENT);
    assertThat(ranges).containsExactly("bytes=" + KEPT + "-", "-");
    isWhole();
  }

  @Test
  void aRegistryWhoseBytesAreAlwaysWrongLeavesNothing() throws IOException {
    broken();
    registry.blob(layer.digest())[SIZE - 1] ^= 1;
    assertThatThrownBy(() -> pull(CopyLog.SILENT))
        .isInstanceOf(DigestMismatchException.class)
        .hasMessageContaining("its bytes are those of")
        .hasMessageEndingWith("tried 3 times");
    assertThat(ranges).containsExactly("bytes=" + KEPT + "-", "-", "-");
    assertThat(partials()).isEmpty();
    assertThat(back.has(layer)).isFalse();
  }

  @Test
  void whatBelongsToSomebodyElseIsNeitherUsedNorRemoved() throws IOException {
    Path partial = broken();
    Path name = Files.createLink(temp.resolve("another-name"), partial);
    pull(CopyLog.SILENT);
    assertThat(ranges).containsExactly("-");
    assertThat(partials()).containsExactly(partial);
    assertThat(name).hasSize(KEPT);
  }

  @Test
  void aBlobThatCameAnotherWayNeedsNoRest() throws IOException {
    broken();
    Copy.copy(shelf.layout, image, back, CopyLog.SILENT);
    assertThat(ranges).isEmpty();
    Copy.verify(back, image, CopyLog.SILENT);
  }

  @Test
  void aDayLaterItIsGoneAndACollectionTakesItEarlier() throws IOException {
    Path partial = broken();
    back.collect(Duration.ofHours(1));
    assertThat(partial).hasSize(KEPT);
    Files.setLastModifiedTime(partial, FileTime.from(Instant.now().minus(Duration.ofMinutes(90))));
    LayoutStore.Collected would = back.collectable(Duration.ofHours(1), List.of());
    assertThat(would).isEqualTo(new LayoutStore.Collected(1, KEPT, Set.of()));
    LayoutStore.open(back.directory()).blob("text/plain", out -> out.write('x'));
    assertThat(partial).hasSize(KEPT);
    assertThat(back.collect(Duration.ofHours(1))).isEqualTo(would);
    assertThat(partial).doesNotExist();

    Path second = broken();
    Files.setLastModifiedTime(second, FileTime.from(Instant.now().minus(Duration.ofHours(25))));
    LayoutStore.open(back.directory()).blob("text/plain", out -> out.write('y'));
    assertThat(second).doesNotExist();
  }
}
