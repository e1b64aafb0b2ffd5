package dev.mlo.cli.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.cli.image.ListImages;
import dev.mlo.cli.project.Images;
import dev.mlo.cli.project.ModelImage;
import dev.mlo.contract.Labels;
import dev.mlo.json.Json;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Index;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.Platform;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListReportTest {
  @TempDir Path directory;
  private Images images;
  private LayoutStore store;

  @BeforeEach
  void project() throws IOException {
    images = Images.in(directory);
    store = LayoutStore.create(images.workspace().store());
  }

  @Test
  void whatANameIsMadeForAndWhatItHoldsAreShown() throws IOException {
    store.tag("flowers:next", severalPlatforms(ModelImage.write(store, "iris", "1.0.0")));

    var report = new ListReport(ListImages.list(images));

    assertThat(text(report)).contains("MODEL", "PLATFORMS");
    assertThat(text(report).lines().filter(line -> line.startsWith("flowers")))
        .singleElement(STRING)
        .contains("next", "iris 1.0.0, onnx", "linux/amd64,linux/arm64");
    JsonNode flowers = report.json().path("images").path(0);
    assertThat(flowers.path("platforms").valueStream().map(JsonNode::asText))
        .containsExactly("linux/amd64", "linux/arm64");
    assertThat(flowers.path("model").path("name").asText()).isEqualTo("iris");
    assertThat(flowers.path("model").path("version").asText()).isEqualTo("1.0.0");
    assertThat(flowers.path("model").path("format").asText()).isEqualTo("onnx");
  }

  @Test
  void anImageWithoutAModelHasNone() throws IOException {
    ModelImage.write(store, "tool", "1", Map.of());

    var report = new ListReport(ListImages.list(images));

    assertThat(report.json().path("images").path(0).path("model").isNull()).isTrue();
    assertThat(text(report).lines().filter(line -> line.startsWith("tool")))
        .singleElement(STRING)
        .containsPattern("  -  +linux/amd64  ");
  }

  @Test
  void whatACardSaysDoesNotDriveTheTerminal() throws IOException {
    String card = new String(Json.compact(ModelImage.card("iris", "1\u001b[2J")), UTF_8);
    ModelImage.write(store, "iris", "1", Map.of(Labels.CARD, card));

    assertThat(text(new ListReport(ListImages.list(images)))).doesNotContain("\u001b");
  }

  @Test
  void whatToTypeNextIsOneWordForAShell() throws IOException {
    LayoutStore layout = LayoutStore.create(directory.resolve("it's a layout"));
    ModelImage.write(layout, "iris", "1.0.0");
    String place = "oci:" + directory.resolve("it's a layout");

    String text = text(new ListReport(ListImages.list(images, place), place));

    assertThat(text).contains("next: mlo inspect '" + place.replace("'", "'\\''") + ":iris:1.0.0'");
  }

  /// An index of the image for this processor and one that is elsewhere.
  private Descriptor severalPlatforms(Descriptor image) throws IOException {
    Descriptor elsewhere =
        Descriptor.of(MediaTypes.MANIFEST, "elsewhere".getBytes(UTF_8))
            .withPlatform(new Platform("linux", "arm64"));
    byte[] index =
        new Index(
                MediaTypes.INDEX,
                List.of(image.withPlatform(new Platform("linux", "amd64")), elsewhere),
                Map.of())
            .write();
    Descriptor root = Descriptor.of(MediaTypes.INDEX, index);
    store.manifest(root, index);
    return root;
  }

  private static String text(ListReport report) {
    var out = new ByteArrayOutputStream();
    report.text(new Page(new PrintStream(out, true, UTF_8), new Style(false)));
    return out.toString(UTF_8);
  }
}
