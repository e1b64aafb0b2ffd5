package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mlo.cli.build.ArmElf;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Index;
import dev.mlo.oci.LayerReader;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// One model for two platforms, as others see it, and runner images that a team shares.
@SecondLane
@ExtendWith(Installed.class)
class PlatformsTest {
  private static final String SKOPEO = "/usr/bin/skopeo";
  private static final String[] BOTH = {"--platform", "linux/amd64", "--platform", "linux/arm64"};

  @TempDir Path temporary;

  private Path project(String version) throws IOException {
    Path project = Files.createDirectories(temporary.resolve("project"));
    IrisProject.lay(project, version);
    return project;
  }

  private Mlo own(Mlo user, String name) throws IOException {
    Path installation = Installed.copy(user, temporary.resolve(name));
    return user.as(installation.resolve("bin/mlo")).in(project("1.0.0"));
  }

  private static Outcome done(Mlo mlo, String... words) {
    Outcome outcome = mlo.run(words);
    assertThat(outcome.exit()).as("%s: %s", List.of(words), outcome).isZero();
    return outcome;
  }

  private static Outcome build(Mlo mlo, String... more) {
    var words = new ArrayList<>(List.of("build"));
    words.addAll(List.of(BOTH));
    words.addAll(List.of(more));
    return done(mlo, words.toArray(String[]::new));
  }

  private String skopeo(String... words) {
    var line = new ArrayList<>(List.of(SKOPEO, "--insecure-policy"));
    line.addAll(List.of(words));
    Outcome outcome = Installed.start(line, temporary, Map.of()).outcome(Duration.ofMinutes(2));
    assertThat(outcome.exit()).as(outcome.stderr()).isZero();
    return outcome.stdout();
  }

  @Test
  void anIndexGoesEverywhereAndServesHere(Mlo user) throws Exception {
    Assumptions.assumeTrue(Files.isExecutable(Path.of(SKOPEO)), "the package skopeo is missing");
    Mlo mlo = own(user, "installation");
    Path project = mlo.directory();
    Outcome missing = mlo.run("build", "--platform", "linux/arm64");
    assertThat(missing.exit()).isEqualTo(5);
    assertThat(missing.stderr()).contains("mlo runner build --platform linux/arm64 --base");
    String base = ArmBase.lay(temporary.resolve("base"));
    done(mlo, "runner", "build", "--platform", "linux/arm64", "--base", base);
    JsonNode listed = done(mlo, "runner", "list", "-o", "json").json().path("images");
    assertThat(listed.path(1).path("platform").asText()).isEqualTo("linux/arm64");
    assertThat(listed.path(1).path("inUse").asBoolean()).isTrue();

    JsonNode built = build(mlo, "-o", "json").json();
    String digest = built.path("digest").asText();
    assertThat(built.path("platforms")).hasSize(2);
    assertThat(mlo.run("list").stdout()).contains("iris 1.0.0, onnx", "linux/amd64,linux/arm64");
    assertThat(mlo.run("test", "iris:1.0.0", "-q").word()).isEqualTo("passed");
    requireProcessors(project);
    done(mlo, "promote", "--to", "dev");
    try (ServedModel served = ServedModel.start(mlo, project, "env:dev")) {
      assertThat(served.model()).isEqualTo("iris");
      Outcome status = mlo.run("status", "--check");
      assertThat(status.exit()).as(status.stdout()).isZero();
      IrisProject.lay(project, "2.0.0");
      build(mlo);
      done(mlo, "swap", "iris:2.0.0", "--runner", served.admin());
    }

    try (LocalRegistry registry = LocalRegistry.start(temporary.resolve("registry"))) {
      String pushed = registry.host() + "/ml/iris:1.0.0";
      done(mlo, "push", "iris:1.0.0", registry.host() + "/ml/iris");
      skopeo(
          "copy",
          "--all",
          "--preserve-digests",
          "--src-tls-verify=false",
          "docker://" + pushed,
          "oci:" + temporary.resolve("out") + ":iris");
      String arm =
          skopeo(
              "--override-arch",
              "arm64",
              "inspect",
              "--config",
              "--tls-verify=false",
              "docker://" + pushed);
      assertThat(new ObjectMapper().readTree(arm).path("architecture").asText()).isEqualTo("arm64");
    }
    LayoutStore out = LayoutStore.open(temporary.resolve("out"));
    assertThat(out.resolve("iris").digest()).hasToString(digest);
    JsonNode inspected =
        done(mlo, "inspect", "oci:" + temporary.resolve("out") + ":iris", "-o", "json").json();
    assertThat(inspected.path("platform").asText()).isEqualTo("linux/amd64");
    assertThat(inspected.path("platforms")).hasSize(2);
  }

  /// Every native library of an image is for the image's processor.
  private void requireProcessors(Path project) throws IOException {
    LayoutStore store = LayoutStore.open(project.resolve(".mlo/store"));
    Index index = Index.parse(store.manifest(store.resolve("iris:1.0.0")));
    var models = new ArrayList<String>();
    for (Descriptor image : index.manifests()) {
      boolean arm = String.valueOf(image.platform()).equals("linux/arm64");
      Manifest manifest = Manifest.parse(store.manifest(image));
      models.add(manifest.layers().getLast().digest().toString());
      Path files = temporary.resolve("files-" + image.digest().brief());
      for (Descriptor layer : manifest.layers()) {
        if ("backend".equals(layer.annotations().get("dev.mlo.layer.role"))) {
          try (var in = store.blob(layer)) {
            LayerReader.unpack(in, layer.digest(), files, LayerReader.Limits.DEFAULT);
          }
        }
      }
      Path natives = files.resolve("opt/mlo/backends/onnx/native");
      for (String library : List.of("libonnxruntime.so", "libonnxruntime4j_jni.so")) {
        byte[] bytes = Files.readAllBytes(natives.resolve(library));
        assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getShort(18))
            .as("%s for %s", library, image.platform())
            .isEqualTo((short) (arm ? ArmElf.AARCH64 : 62));
      }
    }
    assertThat(models).hasSize(2);
    assertThat(models.getFirst()).isEqualTo(models.getLast());
  }

  @Test
  void aTeamPinsOneDigestOfRunnerImages(Mlo user) throws Exception {
    Mlo maker = own(user, "maker");
    Mlo member = own(user, "member");
    String base = ArmBase.lay(temporary.resolve("base"));
    done(maker, "runner", "build", "--platform", "linux/arm64", "--base", base);
    String image = build(maker, "-q").word();
    try (LocalRegistry registry = LocalRegistry.start(temporary.resolve("registry"))) {
      String place = registry.host() + "/team/runner";
      String dry = done(maker, "runner", "push", place, "--dry-run", "-q").word();
      String reference = done(maker, "runner", "push", place, "-q").word();
      assertThat(reference).startsWith(place + "@sha256:").isEqualTo(dry);
      assertThat(
              done(maker, "runner", "push", place, "-o", "json").json().at("/moved/bytesWritten"))
          .hasToString("0");

      done(member, "runner", "use", reference, "--dry-run");
      assertThat(done(member, "runner", "list", "-o", "json").json().path("images")).hasSize(1);
      JsonNode used = done(member, "runner", "use", reference, "-o", "json").json();
      assertThat(used.path("images")).hasSize(2);
      Files.writeString(
          member.directory().resolve("mlops.yaml"),
          "\nimage: {platforms: [linux/amd64, linux/arm64], runner: \"%s\"}\n".formatted(reference),
          StandardOpenOption.APPEND);
      Path second = Files.createDirectory(temporary.resolve("second"));
      IrisProject.lay(second, "1.0.0");
      Files.copy(
          member.directory().resolve("mlops.yaml"),
          second.resolve("mlops.yaml"),
          java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      assertThat(done(member.in(second), "build", "-q").word()).isEqualTo(image);

      done(maker, "push", "iris:1.0.0", registry.host() + "/ml/iris");
      Outcome refused = member.run("runner", "use", registry.host() + "/ml/iris:1.0.0");
      assertThat(refused.exit()).isEqualTo(6);
      assertThat(refused.stderr()).contains("it is the image of a model");
    }
  }

  @Test
  void aLockedBuildFailsOnDrift(Mlo user) throws Exception {
    Mlo mlo = user.in(project("1.0.0"));
    Path lock = mlo.directory().resolve("mlo.lock");
    assertThat(mlo.run("build", "--locked").exit()).isEqualTo(3);
    assertThat(mlo.run("build", "--lock", "--locked").exit()).isEqualTo(2);
    String image = done(mlo, "build", "--lock", "-q").word();
    byte[] first = Files.readAllBytes(lock);
    assertThat(done(mlo, "build", "--locked", "-q").word()).isEqualTo(image);
    IrisProject.lay(mlo.directory(), "2.0.0");
    Outcome refused = mlo.run("build", "--locked");
    assertThat(refused.exit()).isEqualTo(3);
    assertThat(refused.stderr()).contains("`model.onnx`", "locked", "mlo build --lock");
    assertThat(mlo.run("inspect", "iris:2.0.0").exit()).isEqualTo(5);
    assertThat(lock).hasBinaryContent(first);
  }
}
