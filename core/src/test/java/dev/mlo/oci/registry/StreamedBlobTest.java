package dev.mlo.oci.registry;

import static dev.mlo.oci.registry.FakeRegistry.answer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.DigestMismatchException;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.LayerReader;
import dev.mlo.oci.LayerWriter;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.TarArchiveWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Whoever reads a blob straight from a registry gets all of it, wherever the connection breaks;
/// and the right bytes, if he can start over.
class StreamedBlobTest {
  private static final int SIZE = (5 << 20) + 345;
  private static final int ARRIVES = (1 << 20) + 7;

  @TempDir Path temp;
  private FakeRegistry registry;
  private Shelf shelf;

  /// The `Range` of each request that a fault saw; `-`: all of it.
  private final List<String> ranges = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() throws IOException {
    registry = new FakeRegistry();
    shelf = new Shelf(temp.resolve("layout"), Duration.ofSeconds(5));
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private RegistryStore store() throws IOException {
    return shelf.store(registry, "ml/iris");
  }

  private Descriptor pushed(byte[] bytes, String mediaType) throws IOException {
    Descriptor blob = shelf.layout.blob(mediaType, out -> out.write(bytes));
    store().blob(blob, shelf.layout);
    return blob;
  }

  private static byte[] noise() {
    byte[] noise = new byte[SIZE];
    new Random(7).nextBytes(noise);
    return noise;
  }

  private static String range(HttpExchange exchange) {
    return Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Range"), "-");
  }

  /// The first answer breaks off.
  private void breaks(Descriptor blob) {
    registry.once(
        "GET",
        blob.digest().toString(),
        exchange -> {
          exchange.sendResponseHeaders(200, SIZE);
          exchange.getResponseBody().write(registry.blob(blob.digest()), 0, ARRIVES);
          exchange.getResponseBody().flush();
          throw new IOException("cut");
        });
  }

  /// What a registry may do when it is asked for the rest.
  enum Answer {
    PART,
    WHOLE,
    REFUSAL,
    OTHER_PART,
    OTHER_SIZE
  }

  @ParameterizedTest
  @EnumSource
  void aStreamGoesOnWhereItBrokeOff(Answer answer) throws IOException {
    byte[] noise = noise();
    Descriptor blob = pushed(noise, MediaTypes.LAYER_TAR);
    breaks(blob);
    registry.always(
        "GET",
        blob.digest().toString(),
        exchange -> {
          ranges.add(range(exchange));
          boolean asksForPart = !range(exchange).equals("-");
          return asksForPart && answered(exchange, answer, noise);
        });
    try (InputStream in = store().blob(blob)) {
      assertThat(in.readAllBytes()).isEqualTo(noise);
    }
    assertThat(ranges.getFirst()).matches("bytes=[0-9]+-");
    boolean again = answer != Answer.PART && answer != Answer.WHOLE;
    assertThat(ranges.subList(1, ranges.size())).isEqualTo(again ? List.of("-") : List.of());
  }

  private static boolean answered(HttpExchange exchange, Answer answer, byte[] noise)
      throws IOException {
    int from = Integer.parseInt(range(exchange).replaceAll("[^0-9]", ""));
    String range =
        switch (answer) {
          case PART -> "bytes %d-%d/%d".formatted(from, SIZE - 1, SIZE);
          case OTHER_PART -> "bytes %d-%d/%d".formatted(from - 1, SIZE - 1, SIZE);
          case OTHER_SIZE -> "bytes %d-%d/%d".formatted(from, SIZE, SIZE + 1);
          case WHOLE -> "";
          case REFUSAL -> "bytes */" + SIZE;
        };
    exchange.getResponseHeaders().add("Content-Range", range);
    switch (answer) {
      case PART, OTHER_PART, OTHER_SIZE ->
          answer(exchange, 206, Arrays.copyOfRange(noise, from, SIZE));
      case WHOLE -> answer(exchange, 200, noise);
      case REFUSAL -> answer(exchange, 416, new byte[0]);
    }
    return true;
  }

  @Test
  void contentThatChangedBetweenTheTwoPartsIsNotTaken() throws IOException {
    Descriptor blob = pushed(noise(), MediaTypes.LAYER_TAR);
    breaks(blob);
    registry.once(
        "GET",
        blob.digest().toString(),
        exchange -> {
          byte[] other = noise();
          other[SIZE - 1] ^= 1;
          return answered(exchange, Answer.PART, other);
        });
    assertThatThrownBy(
            () -> {
              try (InputStream in = store().blob(blob)) {
                in.readAllBytes();
              }
            })
        .isInstanceOf(DigestMismatchException.class);
  }

  private void garble(Descriptor blob, int at, int times) {
    for (int i = 0; i < times; i++) {
      registry.once(
          "GET",
          blob.digest().toString(),
          exchange -> {
            ranges.add(range(exchange));
            byte[] bytes = registry.blob(blob.digest()).clone();
            bytes[at] ^= 0x20;
            answer(exchange, 200, bytes);
            return true;
          });
    }
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    var zipped = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(zipped)) {
      out.write(bytes);
    }
    return zipped.toByteArray();
  }

  private static byte[] tar() throws IOException {
    byte[] content = new byte[100_000];
    new Random(1).nextBytes(content);
    var tar = new ByteArrayOutputStream();
    new LayerWriter().file("models/1/weights", 0644, content).writeTo(tar);
    return tar.toByteArray();
  }

  /// A header that is wrong names another file; a checksum that is wrong ends in the middle.
  @ParameterizedTest
  @EnumSource
  void aLayerThatAWireGarbledIsUnpackedAnew(Place place) throws IOException {
    byte[] tar = tar();
    byte[] layer = place == Place.GZIP ? gzip(tar) : tar;
    Descriptor blob = pushed(layer, MediaTypes.LAYER_TAR);
    int at =
        switch (place) {
          case NAME -> 3;
          case HEADER -> 130;
          case CONTENT, GZIP -> 50_000;
          case LAST_BYTE -> layer.length - 1;
        };
    garble(blob, at, 2);
    Path folder = Files.createDirectory(temp.resolve("unpacked"));
    Files.writeString(folder.resolve("of-another-layer"), "stays");
    store()
        .read(
            blob,
            in ->
                LayerReader.unpack(
                    in, dev.mlo.oci.Digest.sha256(tar), folder, LayerReader.Limits.DEFAULT));
    assertThat(ranges).containsExactly("-", "-");
    try (Stream<Path> files = Files.walk(folder)) {
      assertThat(files.map(file -> folder.relativize(file).toString()))
          .containsExactlyInAnyOrder(
              "", "of-another-layer", "models", "models/1", "models/1/weights");
    }
  }

  enum Place {
    NAME,
    HEADER,
    CONTENT,
    GZIP,
    LAST_BYTE
  }

  @Test
  void whatIsDamagedThereIsGivenUpAfterThreeReadings() throws IOException {
    Descriptor blob = pushed(gzip(tar()), MediaTypes.LAYER_TAR);
    registry.blob(blob.digest())[50_000] ^= 1;
    Path folder = temp.resolve("unpacked");
    assertThatThrownBy(() ->
            store().read(blob, in -> LayerReader.unpack(in, folder, LayerReader.Limits.DEFAULT)))
        .isInstanceOf(DigestMismatchException.class)
        .hasMessageContaining("its bytes are those of")
        .hasMessageEndingWith("tried 3 times");
    assertThat(registry.count("GET /v2/ml/iris/blobs/" + blob.digest())).isEqualTo(3);
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void whatTheReaderRefusesOfTheRightBytesIsReadOnce() throws IOException {
    Descriptor blob = pushed(tar(), MediaTypes.LAYER_TAR);
    assertThatThrownBy(() ->
            store().read(blob, in -> LayerReader.unpack(in, temp, new LayerReader.Limits(1000, 1))))
        .isInstanceOf(DocumentException.class);
    assertThat(registry.count("GET /v2/ml/iris/blobs/" + blob.digest())).isEqualTo(1);
  }

  @Test
  void aTarFileIsWrittenAcrossABreakAndNotAtAllFromDamage() throws IOException {
    Descriptor blob = shelf.layout.blob(MediaTypes.LAYER_TAR, out -> out.write(noise()));
    Descriptor image = shelf.image(blob);
    shelf.push(image, store(), "1.0.0");
    breaks(blob);
    garble(shelf.blob(MediaTypes.CONFIG, "{}"), 1, 1);
    Path whole = copied(image, "whole.tar");
    registry.faults.clear();
    assertThat(whole).hasSameBinaryContentAs(copied(image, "again.tar"));

    registry.blob(blob.digest())[SIZE - 1] ^= 1;
    assertThatThrownBy(() -> copied(image, "damaged.tar"))
        .isInstanceOf(DigestMismatchException.class);
    try (Stream<Path> files = Files.list(temp)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("layout", "whole.tar", "again.tar");
    }
    var pipe = new ByteArrayOutputStream();
    try (TarArchiveWriter out = TarArchiveWriter.to(pipe, "docker:iris", Set.of())) {
      assertThatThrownBy(() -> Copy.copy(store(), image, out, CopyLog.SILENT))
          .isInstanceOf(DigestMismatchException.class);
    }
    assertThat(pipe.toString(java.nio.charset.StandardCharsets.ISO_8859_1))
        .doesNotContain("manifest.json");
  }

  private Path copied(Descriptor image, String name) throws IOException {
    Path file = temp.resolve(name);
    try (TarArchiveWriter out = TarArchiveWriter.create(file)) {
      Copy.copy(store(), image, out, CopyLog.SILENT);
      out.tag("iris:1.0.0", image);
      out.finish();
    }
    return file;
  }
}
