package dev.mlo.oci.registry;

import static dev.mlo.oci.registry.FakeRegistry.answer;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.DigestMismatchException;
import dev.mlo.oci.LayoutStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Bytes that do not match their digest are fetched again, three times in all: what a wire garbled
/// comes right, what lies damaged at the registry does not. Under a tag only the registry's own
/// word tells that they do not match.
class DamagedContentTest {
  @TempDir Path temp;
  private FakeRegistry registry;
  private Shelf shelf;
  private Descriptor layer;
  private Descriptor image;

  /// `WHY|2 of 3`
  private final List<String> told = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() throws IOException {
    registry = new FakeRegistry();
    shelf = new Shelf(temp.resolve("layout"));
    layer = shelf.layer("weights");
    image = shelf.image(layer);
    shelf.push(image, shelf.store(registry, "ml/iris"), "1.0.0");
    registry.requests.clear();
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private RegistryStore store() throws IOException {
    var options =
        Registries.Options.of(Map.of())
            .withPatience(new Patience(Duration.ofSeconds(2), Duration.ofSeconds(2), 3))
            .withLog((_, why, _, next, of) -> told.add("%s|%d of %d".formatted(why, next, of)));
    return new Registries(options, new FakeTime()).open(registry.host(), "ml/iris");
  }

  private static byte[] damaged(byte[] bytes) {
    byte[] damaged = bytes.clone();
    damaged[damaged.length / 2] ^= 0x20;
    return damaged;
  }

  private void garble(Descriptor descriptor, byte[] bytes, int times) {
    for (int i = 0; i < times; i++) {
      registry.once(
          "GET",
          descriptor.digest().toString(),
          exchange -> {
            exchange.getResponseHeaders().add("Content-Type", descriptor.mediaType());
            answer(exchange, 200, damaged(bytes));
            return true;
          });
    }
  }

  private long asked(Descriptor descriptor) {
    return registry.requests.stream()
        .filter(request ->
            request.startsWith("GET ")
                && !request.contains("/referrers/")
                && request.endsWith(descriptor.digest() + ""))
        .count();
  }

  private LayoutStore pull() throws IOException {
    LayoutStore back = LayoutStore.create(temp.resolve("back"));
    Copy.copy(store(), image, back, CopyLog.SILENT);
    Copy.verify(back, image, CopyLog.SILENT);
    return back;
  }

  @Test
  void aBlobThatAWireGarbledTwiceArrives() throws IOException {
    garble(layer, registry.blob(layer.digest()), 2);
    pull();
    assertThat(asked(layer)).isEqualTo(3);
    assertThat(told).hasSize(2);
    assertThat(told.getFirst()).contains(layer.digest().toString(), "its bytes are those of");
    assertThat(told)
        .extracting(line -> line.substring(line.indexOf('|') + 1))
        .containsExactly("2 of 3", "3 of 3");
  }

  @Test
  void aBlobThatIsDamagedThereIsGivenUpAfterThreeTries() throws IOException {
    registry.blobs.computeIfPresent(layer.digest().toString(), (_, bytes) -> damaged(bytes));
    assertThatThrownBy(this::pull)
        .isInstanceOf(DigestMismatchException.class)
        .hasMessageContaining("its bytes are those of")
        .hasMessageEndingWith("tried 3 times");
    assertThat(asked(layer)).isEqualTo(3);
  }

  @Test
  void aManifestThatAWireGarbledTwiceArrives() throws IOException {
    garble(image, registry.manifest(image.digest().toString()), 2);
    pull();
    assertThat(asked(image)).isEqualTo(3);
    assertThat(told).hasSize(2);

    registry.requests.clear();
    garble(image, registry.manifest(image.digest().toString()), 2);
    assertThat(store().resolve(image.digest().toString())).isEqualTo(image);
    assertThat(asked(image)).isEqualTo(3);
  }

  /// Answers to whom asks by the tag, with the digest of what it stands for.
  private FakeRegistry.Fault byTag(String text) {
    return FakeRegistry.status(
        200,
        text,
        "Content-Type",
        image.mediaType(),
        "Docker-Content-Digest",
        image.digest().toString());
  }

  /// Where it stays a manifest, nothing but the registry's header tells.
  @Test
  void aManifestThatChangedOnTheWayFromItsTagIsReadAgain() throws IOException {
    String text = new String(registry.manifest("1.0.0"), UTF_8);
    for (String changed :
        List.of(text.replace("application/vnd.oci", "Application/vnd.oci"), "[" + text)) {
      assertThat(changed).isNotEqualTo(text);
      registry.requests.clear();
      registry.once("GET", "/manifests/1.0.0", byTag(changed));

      assertThat(store().resolve("1.0.0")).isEqualTo(image);
      assertThat(registry.requests).hasSize(2);
    }
  }

  @Test
  void aManifestThatComesInAnotherWayEachTimeIsRefused() {
    String text = new String(registry.manifest("1.0.0"), UTF_8);
    var count = new AtomicInteger();
    registry.always(
        "GET",
        "/manifests/1.0.0",
        exchange ->
            byTag(text.replaceFirst("\\{", "{\"x\":" + count.incrementAndGet() + ","))
                .answers(exchange));

    assertThatThrownBy(() -> store().resolve("1.0.0"))
        .isInstanceOf(DigestMismatchException.class)
        .hasMessageContaining("others each time");
  }

  @Test
  void aManifestThatIsDamagedThereIsGivenUpAfterThreeTries() throws IOException {
    registry.manifests.computeIfPresent(image.digest().toString(), (_, bytes) -> damaged(bytes));
    for (var reading :
        List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
            this::pull, () -> store().resolve(image.digest().toString()))) {
      registry.requests.clear();
      assertThatThrownBy(reading)
          .isInstanceOf(DigestMismatchException.class)
          .hasMessageEndingWith("tried 3 times");
      assertThat(asked(image)).isEqualTo(3);
    }
  }

  @Test
  void whatWasGarbledOnTheWayFromOneRegistryToAnotherIsSentAnew() throws IOException {
    try (FakeRegistry other = new FakeRegistry()) {
      garble(layer, registry.blob(layer.digest()), 2);
      Copy.copy(store(), image, shelf.store(other, "ml/iris"), CopyLog.SILENT);
      assertThat(asked(layer)).isEqualTo(3);
      assertThat(other.blob(layer.digest())).isEqualTo(registry.blob(layer.digest()));

      other.blobs.clear();
      registry.blobs.computeIfPresent(layer.digest().toString(), (_, bytes) -> damaged(bytes));
      assertThatThrownBy(
              () -> Copy.copy(store(), image, shelf.store(other, "ml/other"), CopyLog.SILENT))
          .isInstanceOf(DigestMismatchException.class)
          .hasMessageEndingWith("tried 3 times");
    }
  }

  @Test
  void aVerificationReadsAgainToo() throws IOException {
    garble(layer, registry.blob(layer.digest()), 2);
    store().verify(layer);
    assertThat(asked(layer)).isEqualTo(3);
  }
}
