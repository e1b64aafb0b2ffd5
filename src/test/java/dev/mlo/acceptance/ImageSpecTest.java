package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Every document of our images, held against the schemas of the OCI image specification.
@ExtendWith(Installed.class)
class ImageSpecTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String VENDOR = "application/vnd.oci.image.";
  private static final Map<String, String> SCHEMAS =
      Map.of(
          VENDOR + "index.v1+json", ImageSpec.INDEX,
          VENDOR + "manifest.v1+json", ImageSpec.MANIFEST,
          VENDOR + "config.v1+json", ImageSpec.CONFIG);

  @TempDir Path temporary;

  private final ImageSpec spec = ImageSpec.ofThisMachine();
  private final Set<String> seen = new HashSet<>();
  private final Map<String, Integer> counts = new HashMap<>();

  private static Outcome done(Mlo mlo, String... words) {
    Outcome outcome = mlo.run(words);
    assertThat(outcome.exit()).as("%s: %s", List.of(words), outcome).isZero();
    return outcome;
  }

  private void require(String schema, JsonNode document) {
    assertThat(spec.violations(schema, document)).as("%s: %s", schema, document).isEmpty();
    counts.merge(schema, 1, Integer::sum);
  }

  /// The layout's own two files, and whatever they lead to.
  private void requireLayout(Path layout) throws IOException {
    require(ImageSpec.LAYOUT, JSON.readTree(layout.resolve("oci-layout").toFile()));
    JsonNode index = JSON.readTree(layout.resolve("index.json").toFile());
    require(ImageSpec.INDEX, index);
    follow(layout, index);
  }

  private void follow(Path layout, JsonNode document) throws IOException {
    for (String pointer : List.of("manifests", "layers")) {
      for (JsonNode descriptor : document.path(pointer)) {
        requirePointed(layout, descriptor);
      }
    }
    for (String pointer : List.of("config", "subject")) {
      if (document.path(pointer).has("digest")) {
        requirePointed(layout, document.path(pointer));
      }
    }
  }

  private void requirePointed(Path layout, JsonNode descriptor) throws IOException {
    require(ImageSpec.DESCRIPTOR, descriptor);
    String schema = SCHEMAS.get(descriptor.path("mediaType").asText());
    String digest = descriptor.path("digest").asText();
    if (schema != null && seen.add(digest)) {
      Path blob = layout.resolve("blobs").resolve(digest.replace(':', '/'));
      JsonNode document = JSON.readTree(blob.toFile());
      require(schema, document);
      follow(layout, document);
    }
  }

  private int count(String schema) {
    return counts.getOrDefault(schema, 0);
  }

  @Test
  void oneImageForTwoPlatformsItsEvidenceItsPromotionItsTarAndItsReferrers(Mlo user)
      throws Exception {
    Path installation = Installed.copy(user, temporary.resolve("installation"));
    Path project = Files.createDirectory(temporary.resolve("project"));
    IrisProject.lay(project, "1.0.0");
    Mlo mlo = user.as(installation.resolve("bin/mlo")).in(project);
    String base = ArmBase.lay(temporary.resolve("base"));
    done(mlo, "runner", "build", "--platform", "linux/arm64", "--base", base);
    done(mlo, "build", "--platform", "linux/amd64", "--platform", "linux/arm64");
    done(mlo, "promote", "--to", "dev");
    done(mlo, "copy", "iris:1.0.0", "tar:iris.tar");
    Path unpacked = Files.createDirectory(temporary.resolve("unpacked"));
    assertThat(
            Installed.start(
                    List.of("tar", "-xf", project.resolve("iris.tar").toString()),
                    unpacked,
                    Map.of())
                .outcome(Duration.ofMinutes(1))
                .exit())
        .isZero();

    for (Path layout :
        List.of(
            project.resolve(".mlo/store"),
            project.resolve(".mlo/envs/dev"),
            unpacked,
            installation.resolve("store"),
            temporary.resolve("base"))) {
      requireLayout(layout);
    }
    assertThat(count(ImageSpec.LAYOUT)).isEqualTo(5);
    assertThat(count(ImageSpec.INDEX)).as("one more than the layouts").isGreaterThan(5);
    assertThat(count(ImageSpec.CONFIG)).as("two models, two runners, a base").isEqualTo(5);
    assertThat(count(ImageSpec.MANIFEST)).as("theirs and what is said of them").isGreaterThan(8);
    requireReferrersOfARegistry(mlo);
  }

  /// The registry has no API for them, so the indexes under the fallback tags are ours.
  private void requireReferrersOfARegistry(Mlo mlo) throws Exception {
    try (LocalRegistry registry = LocalRegistry.start(temporary.resolve("registry"));
        HttpClient client = HttpClient.newHttpClient()) {
      done(mlo, "push", "iris:1.0.0", registry.host() + "/ml/iris:1.0.0");
      String repository = "http://" + registry.host() + "/v2/ml/iris/";
      int found = 0;
      for (JsonNode tag : get(client, repository + "tags/list").path("tags")) {
        if (tag.asText().startsWith("sha256-")) {
          JsonNode referrers = get(client, repository + "manifests/" + tag.asText());
          require(ImageSpec.INDEX, referrers);
          assertThat(referrers.path("manifests")).isNotEmpty();
          found++;
        }
      }
      assertThat(found).as("subjects: each of the two images").isEqualTo(2);
    }
  }

  private static JsonNode get(HttpClient client, String address) throws Exception {
    HttpResponse<String> answer =
        client.send(
            HttpRequest.newBuilder(URI.create(address))
                .header("Accept", VENDOR + "index.v1+json")
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  /// Every row breaks a document that was good; the second word is a JSON value, or nothing for
  /// what is taken away.
  @Test
  void oneImageAndWhatWouldBeWrongWithIt(Mlo user) throws Exception {
    Path project = Files.createDirectory(temporary.resolve("project"));
    IrisProject.lay(project, "1.0.0");
    done(user.in(project), "build", "-q");
    Path store = project.resolve(".mlo/store");
    requireLayout(store);
    assertThat(count(ImageSpec.CONFIG)).isEqualTo(1);

    JsonNode index = JSON.readTree(store.resolve("index.json").toFile());
    JsonNode manifest = blob(store, index.at("/manifests/0"));
    JsonNode config = blob(store, manifest.path("config"));
    for (var broken :
        Map.of(
                "/schemaVersion", "1",
                "/layers", "[]",
                "/layers/0/digest", "\"latest\"",
                "/layers/0/size", "\"12\"",
                "/config/mediaType", "\"json\"",
                "/config/digest", "",
                "/config", "")
            .entrySet()) {
      requireRefused(ImageSpec.MANIFEST, manifest, broken.getKey(), broken.getValue());
    }
    requireRefused(ImageSpec.CONFIG, config, "/rootfs", "");
    requireRefused(ImageSpec.CONFIG, config, "/architecture", "");
    requireRefused(ImageSpec.CONFIG, config, "/rootfs/type", "\"tree\"");
    requireRefused(ImageSpec.CONFIG, config, "/config/Env", "{}");
    requireRefused(ImageSpec.INDEX, index, "/manifests/0/digest", "");
    requireRefused(ImageSpec.INDEX, index, "/manifests/0/platform", "{\"os\": \"linux\"}");
    requireRefused(
        ImageSpec.LAYOUT,
        JSON.readTree(store.resolve("oci-layout").toFile()),
        "/imageLayoutVersion",
        "\"2.0.0\"");
  }

  private static JsonNode blob(Path store, JsonNode descriptor) throws IOException {
    String digest = descriptor.path("digest").asText();
    return JSON.readTree(store.resolve("blobs").resolve(digest.replace(':', '/')).toFile());
  }

  private void requireRefused(String schema, JsonNode good, String where, String value)
      throws IOException {
    JsonNode document = good.deepCopy();
    JsonPointer pointer = JsonPointer.compile(where);
    String key = pointer.last().getMatchingProperty();
    switch (document.at(pointer.head())) {
      case ObjectNode object when value.isEmpty() -> object.remove(key);
      case ObjectNode object -> object.set(key, JSON.readTree(value));
      case ArrayNode array -> array.set(pointer.last().getMatchingIndex(), JSON.readTree(value));
      default -> throw new AssertionError("there is no " + where + " in " + good);
    }
    assertThat(spec.violations(schema, good)).as(schema).isEmpty();
    assertThat(spec.violations(schema, document)).as("%s of %s", where, schema).isNotEmpty();
  }
}
