package dev.mlo.attest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.oci.Descriptor;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TestResultTest {
  @TempDir Path directory;

  @Test
  void theNewestResultOfADigestCounts() throws IOException {
    LayoutStore store = LayoutStore.create(directory);
    Descriptor image = image(store, "one");
    Descriptor other = image(store, "two");
    result(image, false, "2026-01-01T00:00:00Z").attach(store, image);
    result(image, true, "2026-01-02T00:00:00Z").attach(store, image);

    assertThat(TestResult.find(store, image.digest()))
        .contains(result(image, true, "2026-01-02T00:00:00Z"));
    assertThat(TestResult.find(store, other.digest())).isEmpty();
  }

  private static TestResult result(Descriptor image, boolean passed, String at) {
    return new TestResult(
        image.digest(),
        passed,
        at,
        "0.1.0",
        List.of(
            new TestResult.Example(
                "one.json", passed, 1.5, passed ? List.of() : List.of("output `y` is missing"))));
  }

  private static Descriptor image(LayoutStore store, String content) throws IOException {
    Descriptor config =
        store.blob(
            MediaTypes.CONFIG, ("{\"x\":\"" + content + "\"}").getBytes(StandardCharsets.UTF_8));
    byte[] manifest =
        new Manifest(MediaTypes.MANIFEST, null, config, List.of(), null, Map.of()).write();
    Descriptor image = Descriptor.of(MediaTypes.MANIFEST, manifest);
    store.manifest(image, manifest);
    store.tag("m:" + content, image);
    return image;
  }
}
