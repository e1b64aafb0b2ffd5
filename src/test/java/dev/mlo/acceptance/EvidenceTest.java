package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.attest.Evidence;
import dev.mlo.oci.Digest;
import dev.mlo.oci.LayoutStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.cyclonedx.Version;
import org.cyclonedx.parsers.JsonParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is said of an image goes where the image goes.
@ExtendWith(Installed.class)
class EvidenceTest {
  @TempDir Path project;

  @Test
  void aPromotedImageStillSaysWhereItComesFromAndWhatItIsMadeOf(Mlo user) throws IOException {
    Mlo mlo = user.in(project);
    IrisProject.lay(project, "1.0.0");
    String digest = mlo.run("build", "-q").word();
    assertThat(mlo.run("build", "-o", "json").json().path("attached").asInt()).isZero();
    assertThat(mlo.run("test", "iris:1.0.0", "-q").word()).isEqualTo("passed");
    assertThat(mlo.run("promote", "--to", "dev").exit()).isZero();

    for (String document : new String[] {"--provenance", "--bom", "--tests"}) {
      Outcome here = mlo.run("inspect", "iris:1.0.0", document);
      assertThat(here.exit()).as(here.stderr()).isZero();
      assertThat(mlo.run("inspect", "env:dev", document).stdout()).isEqualTo(here.stdout());
      assertThat(here.stdout()).contains(digest.substring("iris@sha256:".length()));
    }
    JsonNode bom = mlo.run("inspect", "env:dev", "--bom").json();
    assertThat(bom.path("components").findValuesAsText("name"))
        .contains("iris", "jetty-server", "jackson-databind", "onnxruntime", "OpenJDK");
    for (JsonNode component : bom.path("components")) {
      if (component.path("bom-ref").asText().startsWith("runner/")) {
        assertThat(component.path("purl").asText()).startsWith("pkg:maven/");
        assertThat(component.path("licenses")).as(component.toString()).isNotEmpty();
        assertThat(component.at("/hashes/0/content").asText()).hasSize(64);
      }
    }
    assertThat(mlo.run("inspect", "iris:1.0.0").stdout())
        .contains("provenance", "components, CycloneDX");
    assertThat(mlo.run("inspect", "iris:1.0.0", "--bom", "--tests").exit()).isEqualTo(2);
  }

  /// With the parts and licences of what is really shipped.
  @ParameterizedTest
  @ValueSource(strings = {"iris", "pmml"})
  void theBillsOfModelRunnerAndEngineAreValidCycloneDx(String kind, Mlo user) throws IOException {
    Mlo mlo = user.in(project);
    if (kind.equals("iris")) {
      IrisProject.lay(project, "1.0.0");
    } else {
      assertThat(mlo.run("init", "--template", kind, "--name", "iris").exit()).isZero();
    }
    String image = mlo.run("build", "-q").word();
    LayoutStore store = LayoutStore.open(project.resolve(".mlo/store"));
    int bills = 0;
    for (Evidence said :
        Evidence.of(store, Digest.parse(image.substring(image.indexOf('@') + 1)))) {
      if (said.kind() == Evidence.Kind.BOM) {
        requireValid(said.document(store));
        bills++;
      }
    }
    assertThat(bills).as("model, runner, engine").isEqualTo(3);
    Outcome whole = mlo.run("inspect", image, "--bom");
    assertThat(whole.exit()).as(whole.stderr()).isZero();
    requireValid(whole.stdout().getBytes(StandardCharsets.UTF_8));
    String broken = whole.stdout().replaceFirst("\"type\" *: *\"library\"", "\"type\": \"book\"");
    assertThat(new JsonParser().validate(broken, Version.VERSION_16)).hasSize(1);
  }

  private static void requireValid(byte[] bill) throws IOException {
    assertThat(new JsonParser().validate(bill, Version.VERSION_16))
        .as(new String(bill, StandardCharsets.UTF_8))
        .isEmpty();
  }

  @Test
  void aNewVersionAddsAtMost32KilobytesBesideItsModel(Mlo user) throws IOException {
    Mlo mlo = user.in(project);
    IrisProject.lay(project, "1.0.0");
    assertThat(mlo.run("build", "-q").exit()).isZero();
    assertThat(mlo.run("test", "iris:1.0.0", "-q").exit()).isZero();
    long before = bytes();
    IrisProject.lay(project, "2.0.0");
    assertThat(mlo.run("build", "-q").exit()).isZero();
    assertThat(mlo.run("test", "iris:2.0.0", "-q").exit()).isZero();

    assertThat(bytes() - before - Files.size(project.resolve("model.onnx")))
        .isPositive()
        .isLessThanOrEqualTo(32 << 10);
  }

  private long bytes() throws IOException {
    try (Stream<Path> files = Files.walk(project.resolve(".mlo/store"))) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
