package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.json.Json;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Models on a base that comes from a registry.
@ExtendWith(Installed.class)
class RegistryBaseTest {
  private static final Path SKOPEO = Path.of("/usr/bin/skopeo");

  @TempDir Path temporary;

  private void run(String... words) {
    Outcome outcome =
        Installed.start(List.of(words), temporary, Map.of()).outcome(Duration.ofMinutes(2));
    assertThat(outcome.exit()).as(outcome.stderr()).isZero();
  }

  /// The C library of this machine as an image of its own, its layer compressed.
  private void pushBase(Path installation, String to) throws IOException {
    Assumptions.assumeTrue(Files.isExecutable(SKOPEO), "the package skopeo is missing");
    LayoutStore store = LayoutStore.open(installation.resolve("store"));
    Manifest runner = Manifest.parse(store.manifest(store.resolve("runner")));
    Descriptor plain = runner.layers().getFirst();
    Digest diffId = ImageConfig.parse(store.manifest(runner.config())).diffIds().getFirst();
    LayoutStore layout = LayoutStore.create(temporary.resolve("base"));
    Descriptor layer =
        layout.blob(
            MediaTypes.LAYER_TAR_GZIP,
            out -> {
              GZIPOutputStream gzip = new GZIPOutputStream(out);
              try (var in = store.blob(plain)) {
                in.transferTo(gzip);
              }
              gzip.finish();
            });
    ImageConfig config =
        ImageConfig.of(new Platform("linux", "amd64"), ImageConfig.EPOCH, Json.object())
            .withLayer(diffId, "the C library");
    byte[] manifest =
        new Manifest(
                MediaTypes.MANIFEST,
                null,
                layout.blob(MediaTypes.CONFIG, config.write()),
                List.of(layer),
                null,
                Map.of())
            .write();
    Descriptor image = Descriptor.of(MediaTypes.MANIFEST, manifest);
    layout.manifest(image, manifest);
    layout.tag("base", image);
    run(
        SKOPEO.toString(),
        "--insecure-policy",
        "copy",
        "--preserve-digests",
        "--dest-tls-verify=false",
        "oci:" + layout.directory() + ":base",
        "docker://" + to);
  }

  @Test
  void aModelIsBuiltTestedAndServedOnABaseFromARegistry(Mlo user) throws Exception {
    Path project = Files.createDirectory(temporary.resolve("project"));
    IrisProject.lay(project, "1.0.0");
    Path installation = Installed.copy(user, temporary.resolve("installation"));
    Mlo mlo = user.as(installation.resolve("bin/mlo")).in(project);
    String bundled = mlo.run("runner", "list", "-q").word();
    String before = mlo.run("build", "-q").word();

    try (LocalRegistry registry = LocalRegistry.start(temporary.resolve("registry"))) {
      String base = registry.host() + "/team/base:1";
      pushBase(installation, base);

      Outcome first = mlo.run("runner", "build", "--base", base, "-o", "json");
      assertThat(first.exit()).as(first.stderr()).isZero();
      assertThat(first.stderr()).contains("1 of 1 layers to fetch").doesNotContain("WARNING");
      String digest = first.json().path("digest").asText();
      assertThat(digest).isNotEqualTo(bundled);
      assertThat(mlo.run("runner", "build", "--base", base, "-q").word()).isEqualTo(digest);
    }

    JsonNode listed = mlo.run("runner", "list", "-o", "json").json().path("images").path(0);
    assertThat(listed.path("base").asText()).endsWith("/team/base:1");
    assertThat(listed.path("baseDigest").asText()).startsWith("sha256:");

    String image = mlo.run("build", "-q").word();
    assertThat(image).startsWith("iris@sha256:").isNotEqualTo(before);
    assertThat(mlo.run("test", "iris:1.0.0", "-q").word()).isEqualTo("passed");
    try (ServedModel served = ServedModel.start(mlo, project, "iris:1.0.0");
        HttpClient client = HttpClient.newHttpClient()) {
      byte[] request = Files.readAllBytes(project.resolve("examples/one.json"));
      assertThat(served.infer(client, request).body()).contains("\"setosa\"");
    }

    String pinned = listed.path("digest").asText();
    Files.writeString(
        project.resolve("mlops.yaml"),
        "\nimage: {runner: \"registry.example.com/ml/runner@" + pinned + "\"}\n",
        StandardOpenOption.APPEND);
    assertThat(mlo.run("build", "-q").word()).isEqualTo(image);

    assertThat(mlo.run("runner", "build", "--base", "bundled", "-q").word()).isEqualTo(bundled);
    assertThat(mlo.run("build", "-q").word()).as("pinned, and not in use").isEqualTo(image);
    Outcome elsewhere = user.in(project).run("build", "-q");
    assertThat(elsewhere.exit()).isEqualTo(3);
    assertThat(elsewhere.stderr()).contains(pinned, "mlo runner use registry.example.com/ml");

    IrisProject.lay(project, "1.0.0");
    assertThat(mlo.run("build", "-q").word()).isEqualTo(before);
  }
}
