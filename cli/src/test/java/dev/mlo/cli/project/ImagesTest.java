package dev.mlo.cli.project;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.attest.Attachment;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.ModelCard;
import dev.mlo.json.Json;
import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Index;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.NotFoundException;
import dev.mlo.oci.Platform;
import dev.mlo.oci.TarArchiveWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImagesTest {
  @TempDir Path directory;
  private Images images;
  private LayoutStore store;

  @BeforeEach
  void project() throws IOException {
    images = Images.in(directory);
    store = LayoutStore.create(images.workspace().store());
  }

  @Test
  void aNameWithAVersionIsThatVersion() throws IOException {
    Descriptor image = ModelImage.write(store, "iris", "1.0.0");
    ModelImage.write(store, "iris", "1.1.0");
    Images.Located found = images.open("iris:1.0.0");
    assertThat(found.root().digest()).isEqualTo(image.digest());
    assertThat(found.display()).isEqualTo("iris:1.0.0");
    assertThat(images.open("iris@" + image.digest()).name()).isEqualTo("iris:1.0.0");
  }

  @Test
  void aBareNameIsTheOnlyVersionOrNone() throws IOException {
    Descriptor image = ModelImage.write(store, "iris", "1.0.0");
    ModelImage.write(store, "digits", "3");
    store.tag("iris:candidate", image);
    assertThat(images.open("iris").root().digest()).isEqualTo(image.digest());

    ModelImage.write(store, "iris", "1.1.0");
    assertThatThrownBy(() -> images.open("iris"))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> {
              assertThat(failure.code()).isEqualTo(ExitCode.USAGE);
              assertThat(failure.why()).anyMatch(line -> line.contains("iris:1.1.0"));
            });
  }

  @Test
  void anUnknownNameIsToldWithTheKnownOnes() throws IOException {
    ModelImage.write(store, "iris", "1.0.0");
    assertThatThrownBy(() -> images.open("iris:9"))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> {
              assertThat(failure.code()).isEqualTo(ExitCode.NOT_FOUND);
              assertThat(failure.why()).anyMatch(line -> line.contains("iris:1.0.0"));
            });
    assertThatThrownBy(() -> Images.in(directory.resolve("empty")).open("iris"))
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.hint()).isEqualTo("mlo build"));
  }

  @Test
  void anEnvironmentIsWhatItsPointerSays() throws IOException {
    Descriptor image = ModelImage.write(store, "iris", "1.0.0");
    LayoutStore prod = LayoutStore.create(images.workspace().environment("prod"));
    Copy.copy(store, image, prod, CopyLog.SILENT);
    prod.tag("iris:1.0.0", image);
    prod.tag("iris:prod", image);

    Images.Located found = images.open("env:prod");
    assertThat(found.root().digest()).isEqualTo(image.digest());
    assertThat(found.name()).isEqualTo("iris:1.0.0");
    assertThat(found.display()).isEqualTo("env:prod (iris:1.0.0)");
    assertThatThrownBy(() -> images.open("env:test"))
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.code()).isEqualTo(ExitCode.NOT_FOUND));
  }

  @Test
  void layoutsAndTarsAreOpenedWhereTheyLie() throws IOException {
    Descriptor image = ModelImage.write(store, "iris", "1.0.0");
    String layout = "oci:" + store.directory();
    assertThat(images.open(layout).root().digest()).isEqualTo(image.digest());
    assertThat(images.open(layout + ":iris:1.0.0").name()).isEqualTo("iris:1.0.0");
    assertThat(images.open(layout + "@" + image.digest()).name()).isEqualTo("iris:1.0.0");
    assertThatThrownBy(() -> images.open("oci:" + directory.resolve("nowhere")))
        .isInstanceOf(NotFoundException.class);

    Path tar = directory.resolve("iris.tar");
    try (TarArchiveWriter writer = TarArchiveWriter.create(tar)) {
      Copy.copy(store, image, writer, CopyLog.SILENT);
      writer.tag("iris:1.0.0", image);
      writer.finish();
    }
    try (Images.Located found = images.open("tar:" + tar)) {
      assertThat(found.root().digest()).isEqualTo(image.digest());
      assertThat(found.name()).isEqualTo("iris:1.0.0");
    }
  }

  @Test
  void theOnlyImageOfALayoutNeedsNoName() throws IOException {
    Descriptor image = ModelImage.write(store, "iris", "1.0.0");
    Descriptor second = ModelImage.write(store, "iris", "2.0.0");
    Path layout = directory.resolve("crane");
    LayoutStore other = LayoutStore.create(layout);
    Copy.copy(store, image, other, CopyLog.SILENT);
    list(layout, image);
    Attachment.attach(
        other,
        image,
        "application/x-said",
        other.blob("text/plain", "said".getBytes(UTF_8)),
        Map.of());

    Images.Located found = images.open("oci:" + layout);
    assertThat(found.root().digest()).isEqualTo(image.digest());
    assertThat(found.name()).isNull();

    Copy.copy(store, second, other, CopyLog.SILENT);
    list(layout, second);
    assertThatThrownBy(() -> images.open("oci:" + layout))
        .isInstanceOfSatisfying(
            Failure.class,
            failure -> {
              assertThat(failure.code()).isEqualTo(ExitCode.USAGE);
              assertThat(failure.why()).anyMatch(line -> line.contains("2 images"));
            });
  }

  /// As tools leave it that give no names.
  private static void list(Path layout, Descriptor image) throws IOException {
    Path index = layout.resolve("index.json");
    ObjectNode document = (ObjectNode) Json.parse(Files.readAllBytes(index));
    document.withArray("/manifests").add(image.bare().json());
    Files.write(index, Json.compact(document));
  }

  @Test
  void whatTheLayersAreForIsReadFromTheHistoryWhereTheManifestLostIt() throws IOException {
    Descriptor image = ModelImage.write(store, "iris", "1.0.0");
    Manifest whole = Manifest.parse(store.manifest(image));
    ObjectNode config = (ObjectNode) Json.parse(store.manifest(whole.config()));
    ArrayNode history = config.putArray("history");
    history.addObject().put("created_by", "ENV x").put("empty_layer", true);
    history.addObject().put("created_by", "mlo: engine onnx");
    history.addObject().put("created_by", "mlo: model");
    byte[] bytes =
        new Manifest(
                MediaTypes.MANIFEST,
                null,
                store.blob(MediaTypes.CONFIG, Json.compact(config)),
                whole.layers().stream().map(Descriptor::bare).toList(),
                null,
                Map.of())
            .write();
    Descriptor rewritten = Descriptor.of(MediaTypes.MANIFEST, bytes);
    store.manifest(rewritten, bytes);

    ImageView view = ImageView.read(store, rewritten);
    assertThat(view.layers()).extracting(ImageView.Layer::role).containsExactly("backend", "model");
    assertThat(view.layers().getFirst().format()).isEqualTo("onnx");
  }

  @Test
  void theCardIsReadFromTheConfiguration() throws IOException {
    Descriptor image = ModelImage.write(store, "iris", "1.0.0");
    ImageView view = ImageView.read(store, image);
    ModelCard card = view.model("iris:1.0.0");
    assertThat(card.name()).isEqualTo("iris");
    assertThat(card.signature().inputs().getFirst()).hasToString("features FP32[-1,4]");
    assertThat(view.layers()).extracting(ImageView.Layer::role).containsExactly("backend", "model");
    assertThat(view.layers().getFirst().format()).isEqualTo("onnx");
    assertThat(view.size()).isGreaterThan(image.size());
  }

  @Test
  void ofAnIndexTheImageForThisMachineIsTaken() throws IOException {
    Descriptor mine = ModelImage.write(store, "iris", "1.0.0");
    Descriptor other = ModelImage.write(store, "iris", "2.0.0");
    Platform here = new Platform("linux", Platform.current().architecture());
    byte[] bytes =
        new Index(
                MediaTypes.INDEX,
                List.of(
                    other.bare().withPlatform(new Platform("linux", "s390x")),
                    mine.bare().withPlatform(here)),
                Map.of())
            .write();
    Descriptor index = Descriptor.of(MediaTypes.INDEX, bytes);
    store.manifest(index, bytes);

    ImageView view = ImageView.read(store, index);
    assertThat(view.image().digest()).isEqualTo(mine.digest());
    assertThat(view.root().digest()).isEqualTo(index.digest());
  }

  @Test
  void anIndexOfNothingSaysSo() throws IOException {
    byte[] bytes = new Index(MediaTypes.INDEX, List.of(), Map.of()).write();
    Descriptor index = Descriptor.of(MediaTypes.INDEX, bytes);
    store.manifest(index, bytes);
    assertThatThrownBy(() -> ImageView.read(store, index))
        .isInstanceOfSatisfying(
            Failure.class,
            failure ->
                assertThat(failure.why()).containsExactly("its index lists no image at all"));
  }

  @Test
  void anImageWithoutACardHoldsNoModel() throws IOException {
    Descriptor image = ModelImage.write(store, "plain", "1", Map.of());
    ImageView view = ImageView.read(store, image);
    assertThat(view.card()).isNull();
    assertThatThrownBy(() -> view.model("plain:1"))
        .isInstanceOfSatisfying(
            Failure.class, failure -> assertThat(failure.code()).isEqualTo(ExitCode.REFUSED));
    Descriptor broken = ModelImage.write(store, "broken", "1", Map.of("dev.mlo.card", "{"));
    assertThatThrownBy(() -> ImageView.read(store, broken)).hasMessageContaining("model card");
  }
}
