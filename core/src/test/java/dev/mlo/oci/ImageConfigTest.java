package dev.mlo.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mlo.json.Json;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class ImageConfigTest {
  private static final Digest LAYER = Digest.sha256(new byte[0]);

  @Test
  void layersAndLabelsAreAddedAndReadBack() throws Exception {
    ImageConfig config =
        ImageConfig.of(
                new Platform("linux", "amd64"), ImageConfig.EPOCH, Json.object().put("User", "1"))
            .withLayer(LAYER, "a layer")
            .withLabel("k", "v");
    ImageConfig read = ImageConfig.parse(config.write());
    assertThat(read.diffIds()).containsExactly(LAYER);
    assertThat(read.labels()).containsExactly(java.util.Map.entry("k", "v"));
    assertThat(read.user()).isEqualTo("1");
    assertThat(new String(config.write(), StandardCharsets.UTF_8))
        .contains(
            "\"history\":[{\"created\":\"1970-01-01T00:00:00Z\",\"created_by\":\"a layer\"}]");
  }

  @Test
  void unknownFieldsSurvive() throws Exception {
    ImageConfig config =
        ImageConfig.parse(
            "{\"os\":\"linux\",\"architecture\":\"arm64\",\"variant\":\"v8\",\"config\":{\"X\":1}}"
                .getBytes(StandardCharsets.UTF_8));
    assertThat(new String(config.withLabel("a", "b").write(), StandardCharsets.UTF_8))
        .contains("\"variant\":\"v8\"", "\"X\":1", "\"Labels\":{\"a\":\"b\"}");
  }

  @Test
  void wrongDocumentsAreRefused() {
    for (String wrong : new String[] {"[]", "{}", "nonsense", "{\"os\":\"linux\"}"}) {
      assertThatThrownBy(() -> ImageConfig.parse(wrong.getBytes(StandardCharsets.UTF_8)))
          .isInstanceOf(DocumentException.class);
    }
    String badId =
        "{\"os\":\"linux\",\"architecture\":\"arm64\",\"rootfs\":{\"diff_ids\":[\"sha256:0\"]}}";
    assertThatThrownBy(() -> ImageConfig.parse(badId.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(DocumentException.class);
  }
}
