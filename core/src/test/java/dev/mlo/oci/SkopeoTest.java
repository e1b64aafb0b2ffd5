package dev.mlo.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.mlo.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whether the tools people have read what we write, and the other way round.
class SkopeoTest {
  @TempDir Path temp;
  private LayoutStore store;
  private Descriptor image;

  @BeforeEach
  void layout() throws IOException {
    assumeThat(onPath("skopeo")).as("skopeo is installed").isTrue();
    store = LayoutStore.create(temp.resolve("layout"));
    image = Fixtures.image(store, "iris:1.0.0", "weights");
    store.tag("iris:prod", image);
    Fixtures.referrer(store, image, "it works");
  }

  private static boolean onPath(String command) {
    return List.of(System.getenv().getOrDefault("PATH", "").split(":")).stream()
        .anyMatch(directory -> Files.isExecutable(Path.of(directory, command)));
  }

  @Test
  void bothNamesOfOneDigestAreFoundInTheLayout() throws Exception {
    for (String name : List.of("iris:1.0.0", "iris:prod")) {
      byte[] said = skopeo("inspect", "oci:" + store.directory() + ":" + name);
      assertThat(Json.parse(said).path("Digest").asText()).isEqualTo(image.digest().toString());
    }
  }

  @Test
  void theTarIsAnArchiveForOciToolsAndForDocker() throws Exception {
    Path tar = temp.resolve("iris.tar");
    try (TarArchiveWriter writer = TarArchiveWriter.create(tar)) {
      Copy.copy(store, image, writer, CopyLog.SILENT);
      writer.tag("iris:1.0.0", image);
      writer.finish();
    }
    byte[] oci = skopeo("inspect", "oci-archive:" + tar);
    assertThat(Json.parse(oci).path("Digest").asText()).isEqualTo(image.digest().toString());
    byte[] docker = skopeo("inspect", "docker-archive:" + tar + ":iris:1.0.0");
    assertThat(Json.parse(docker).path("Layers")).hasSize(1);
  }

  @Test
  void whatSkopeoWroteIsReadAndWrittenTo() throws Exception {
    Path theirs = temp.resolve("theirs");
    skopeo(
        "copy",
        "--preserve-digests",
        "oci:" + store.directory() + ":iris:1.0.0",
        "oci:" + theirs + ":copied");
    LayoutStore layout = LayoutStore.open(theirs);
    assertThat(layout.resolve("copied").digest()).isEqualTo(image.digest());
    Descriptor mine = Fixtures.image(layout, "iris:2.0.0", "weights 2");
    byte[] said = skopeo("inspect", "oci:" + theirs + ":iris:2.0.0");
    assertThat(Json.parse(said).path("Digest").asText()).isEqualTo(mine.digest().toString());
  }

  private static byte[] skopeo(String... words) throws Exception {
    var command = new java.util.ArrayList<String>(List.of("skopeo"));
    command.addAll(List.of(words));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    byte[] out = process.getInputStream().readAllBytes();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).as(new String(out, UTF_8)).isZero();
    return out;
  }
}
