package dev.mlo.cli.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.project.Images;
import dev.mlo.cli.project.ModelImage;
import dev.mlo.contract.Labels;
import dev.mlo.json.Json;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiffImagesTest {
  @TempDir Path directory;
  private Images images;
  private LayoutStore store;

  @BeforeEach
  void project() throws IOException {
    images = Images.in(directory);
    store = LayoutStore.create(images.workspace().store());
    ModelImage.write(store, "iris", "1");
  }

  /// The image `iris:1` with another configuration or manifest, as `other:1`.
  private void other(UnaryOperator<ImageConfig> config, UnaryOperator<Manifest> manifest)
      throws IOException {
    Manifest first = Manifest.parse(store.manifest(store.resolve("iris:1")));
    byte[] changed = config.apply(ImageConfig.parse(store.manifest(first.config()))).write();
    Manifest second =
        manifest.apply(
            new Manifest(
                first.mediaType(),
                null,
                store.blob(MediaTypes.CONFIG, changed),
                first.layers(),
                null,
                first.annotations()));
    put(second.write());
  }

  private void put(byte[] manifest) throws IOException {
    Descriptor image = Descriptor.of(MediaTypes.MANIFEST, manifest);
    store.manifest(image, manifest);
    store.tag("other:1", image);
  }

  private List<String> causes(String second) throws IOException {
    DiffImages.Result result = DiffImages.diff(images, "iris:1", second);
    assertThat(result.same()).isEqualTo(result.causes().isEmpty());
    return result.causes();
  }

  @Test
  void anImageIsTheSameAsItself() throws IOException {
    store.tag("iris:latest", store.resolve("iris:1"));

    assertThat(causes("iris:latest")).isEmpty();
    assertThat(DiffImages.diff(images, "iris:1", "iris:latest").differences()).isEmpty();
  }

  @Test
  void anotherVersionIsAnotherCard() throws IOException {
    ModelImage.write(store, "iris", "2");

    assertThat(causes("iris:2")).contains("the card differs: version");
    DiffImages.Result result = DiffImages.diff(images, "iris:1", "iris:2");
    assertThat(result.differences())
        .contains(new DiffImages.Difference(DiffImages.Section.CARD, "version", "1", "2"));
    assertThat(result.hindrances()).isEmpty();
    assertThat(result.shared()).hasSize(1);
  }

  @Test
  void onlyTheClockDiffers() throws IOException {
    other(config -> config.withCreated("2026-11-26T00:00:00Z"), manifest -> manifest);

    assertThat(causes("other:1"))
        .containsExactly("`created` differs: set SOURCE_DATE_EPOCH alike, or not at all");
  }

  @Test
  void onlyAnAnnotationDiffers() throws IOException {
    other(
        config -> config,
        first ->
            new Manifest(
                first.mediaType(), null, first.config(), first.layers(), null, Map.of("a", "b")));

    assertThat(causes("other:1")).containsExactly("the annotations differ: annotation a");
  }

  @Test
  void theSameWrittenAnewIsTheSameContent() throws IOException {
    byte[] manifest = store.manifest(store.resolve("iris:1"));
    put(Json.pretty(Json.parse(manifest)));

    assertThat(causes("other:1"))
        .containsExactly(
            "the content is the same, but its manifest was written by another tool, or anew");
  }

  @Test
  void layersOfImagesWithoutACardAreNotCalledTheSame() throws IOException {
    ModelImage.write(store, "plain", "1", Map.of());
    ModelImage.write(store, "plain", "2", Map.of());

    DiffImages.Result result = DiffImages.diff(images, "plain:1", "plain:2");

    assertThat(result.causes()).containsExactly("their layers hold other bytes");
  }

  @Test
  void anotherPlatformIsNamed() throws IOException {
    other(
        config -> parsed(new String(config.write(), UTF_8).replace("\"amd64\"", "\"arm64\"")),
        manifest -> manifest);

    assertThat(causes("other:1"))
        .containsExactly("they are for different platforms, linux/amd64 and linux/arm64");
  }

  private static ImageConfig parsed(String json) {
    try {
      return ImageConfig.parse(json.getBytes(UTF_8));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void eachSettingOfBatchingIsNamed() throws IOException {
    other(config -> serving(config, 8), manifest -> manifest);
    DiffImages.Result none = DiffImages.diff(images, "iris:1", "other:1");
    assertThat(none.causes())
        .containsExactly("the card differs: serve batching max, serve batching delayMillis");

    Descriptor eight = store.resolve("other:1");
    store.tag("eight:1", eight);
    other(config -> serving(config, 16), manifest -> manifest);
    assertThat(DiffImages.diff(images, "eight:1", "other:1").differences())
        .contains(
            new DiffImages.Difference(DiffImages.Section.CARD, "serve batching max", "8", "16"));
  }

  private static ImageConfig serving(ImageConfig config, int max) {
    try {
      ObjectNode document = (ObjectNode) Json.parse(config.write());
      ObjectNode labels = (ObjectNode) document.at("/config/Labels");
      ObjectNode card = (ObjectNode) Json.parse(labels.path(Labels.CARD).asText().getBytes(UTF_8));
      ObjectNode serve = (ObjectNode) card.path("serve");
      serve.putObject("batching").put("max", max).put("delayMillis", 2);
      labels.put(Labels.CARD, new String(Json.compact(card), UTF_8));
      return ImageConfig.parse(Json.compact(document));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void anEngineIsTheSameHoweverItIsCompressed() throws IOException {
    var compressed = new ArrayList<Descriptor>();
    for (Descriptor layer : Manifest.parse(store.manifest(store.resolve("iris:1"))).layers()) {
      byte[] bytes = layer.digest().toString().getBytes(UTF_8);
      Descriptor other = store.blob(MediaTypes.LAYER_TAR_GZIP, bytes);
      compressed.add(
          new Descriptor(
              other.mediaType(), other.digest(), other.size(), layer.annotations(), null, null));
    }
    other(
        config -> config,
        first -> new Manifest(first.mediaType(), null, first.config(), compressed, null, Map.of()));

    assertThat(causes("other:1"))
        .containsExactly("their layers hold the same, but are compressed differently");
  }
}
