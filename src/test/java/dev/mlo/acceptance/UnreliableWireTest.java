package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// Pushes and pulls over a wire that kills, stalls, slows, corrupts and truncates at random, and a
/// push that is killed half-way. `-Dmlo.tries=200` for more than the usual few; the seed is in
/// every message.
@SecondLane
@ExtendWith(Installed.class)
@Timeout(value = 2, unit = TimeUnit.HOURS)
class UnreliableWireTest {
  private static final int TRIES = Integer.getInteger("mlo.tries", 8);
  private static final long SEED = Long.getLong("mlo.seed", System.nanoTime());
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  /// Network and registry, damaged bytes, conflict; and of a registry that was garbled: not found,
  /// not allowed, refused.
  private static final Set<Integer> FAILURES = Set.of(4, 5, 6, 7, 8, 9);

  @TempDir Path project;
  @TempDir Path registryFiles;

  private final ObjectMapper json = new ObjectMapper();

  /// Blobs whose bytes were read and hashed once; the registry keeps each once for all
  /// repositories.
  private final Set<String> whole = new HashSet<>();

  private static String said(Outcome outcome) {
    return "seed %d: %s".formatted(SEED, outcome);
  }

  @Test
  void noPushLeavesAWrongTag(Mlo user, TestReporter reporter) throws Exception {
    Mlo mlo = user.in(project);
    IrisProject.lay(project, "1.0.0");
    String digest = digest(mlo.run("build", "-q"));
    var exits = new TreeMap<Integer, Integer>();
    try (LocalRegistry registry = LocalRegistry.start(registryFiles);
        FlakyProxy wire = new FlakyProxy(registry.host(), SEED);
        HttpClient client = HttpClient.newHttpClient()) {
      for (int i = 0; i < TRIES; i++) {
        String repository = "try/iris" + i;
        wire.flaky(true);
        Outcome pushed =
            mlo.start("push", "-q", "iris:1.0.0", wire.address() + "/" + repository + ":1.0.0")
                .outcome(PATIENCE);
        exits.merge(pushed.exit(), 1, Integer::sum);
        boolean tagged = isWhole(client, registry, repository, digest, said(pushed));
        if (pushed.exit() == 0) {
          assertThat(tagged).as(said(pushed)).isTrue();
        } else {
          assertThat(pushed.exit()).as(said(pushed)).isIn(FAILURES);
          assertThat(pushed.stderr()).as(said(pushed)).contains("error: ").doesNotContain("\tat ");
        }
        wire.flaky(false);
        Outcome again =
            mlo.run("push", "-q", "iris:1.0.0", wire.address() + "/" + repository + ":1.0.0");
        assertThat(again.exit()).as(said(again)).isZero();
        assertThat(isWhole(client, registry, repository, digest, said(again))).isTrue();
      }
      assertThat(wire.faults.get()).isPositive();
      tell(
          reporter,
          "seed %d: %d pushes met %d faults and ended %s"
              .formatted(SEED, TRIES, wire.faults.get(), exits));
    }
  }

  @Test
  void noPullLeavesAWrongName(Mlo user, TestReporter reporter) throws Exception {
    Mlo mlo = user.in(project);
    IrisProject.lay(project, "1.0.0");
    String digest = digest(mlo.run("build", "-q"));
    var exits = new TreeMap<Integer, Integer>();
    try (LocalRegistry registry = LocalRegistry.start(registryFiles);
        FlakyProxy wire = new FlakyProxy(registry.host(), SEED + 1)) {
      assertThat(mlo.run("push", "iris:1.0.0", wire.address() + "/ml/iris:1.0.0").exit()).isZero();
      for (int i = 0; i < TRIES; i++) {
        Path into = Files.createTempDirectory(project, "pulled-");
        Mlo there = user.in(into);
        wire.flaky(true);
        Outcome pulled =
            there.start("pull", "-q", wire.address() + "/ml/iris:1.0.0").outcome(PATIENCE);
        exits.merge(pulled.exit(), 1, Integer::sum);
        var stored = new StoredImages(into);
        stored.verify(said(pulled));
        if (pulled.exit() != 0) {
          assertThat(pulled.exit()).as(said(pulled)).isIn(FAILURES);
        }
        wire.flaky(false);
        Outcome again = there.run("pull", "-q", wire.address() + "/ml/iris:1.0.0");
        assertThat(again.exit()).as(said(again)).isZero();
        assertThat(again.word()).as(said(again)).contains(digest);
        stored.verify(said(again));
        assertThat(StoredImages.leftOvers(into.resolve(".mlo"))).isEmpty();
        delete(into);
      }
      tell(
          reporter,
          "seed %d: %d pulls met %d faults and ended %s"
              .formatted(SEED, TRIES, wire.faults.get(), exits));
    }
  }

  @Test
  void aKilledPushGoesOnWithTheRest(Mlo user, TestReporter reporter) throws Exception {
    Mlo mlo = user.in(project);
    IrisProject.lay(project, "1.0.0");
    Files.createDirectories(project.resolve("model"));
    Files.move(project.resolve("model.onnx"), project.resolve("model/model.onnx"));
    Files.writeString(
        project.resolve("mlops.yaml"),
        Files.readString(project.resolve("mlops.yaml"))
            .replace("model: model.onnx", "model: model"));
    // At half of it, more was sent than the four blobs on their way can hold.
    for (int i = 0; i < 10; i++) {
      weights(project.resolve("model/part" + i + ".bin"), i);
    }
    String digest = digest(mlo.run("build", "-q"));
    try (LocalRegistry registry = LocalRegistry.start(registryFiles);
        FlakyProxy wire = new FlakyProxy(registry.host(), SEED);
        HttpClient client = HttpClient.newHttpClient()) {
      String name = wire.address() + "/ml/iris:1.0.0";
      List<JsonNode> blobs = blobs(project.resolve(".mlo/store"), digest);
      long total = blobs.stream().mapToLong(blob -> blob.path("size").asLong()).sum();
      Installed.Running first = mlo.start("push", "-q", "iris:1.0.0", name);
      assertThat(wire.awaitSent(total / 2, Duration.ofMinutes(1))).isTrue();
      first.close();
      first.outcome(Duration.ofSeconds(30));
      long there = 0;
      for (JsonNode blob : blobs) {
        if (has(client, registry, "ml/iris", blob)) {
          there += blob.path("size").asLong();
        }
      }
      assertThat(find(client, registry, "ml/iris", "1.0.0")).isEmpty();
      long before = wire.sent.get();

      Outcome second = mlo.run("push", "-q", "iris:1.0.0", name);

      long sent = wire.sent.get() - before;
      assertThat(second.exit()).as(second.stderr()).isZero();
      assertThat(there).isPositive();
      // Beside the blobs: manifests, the heads of requests, and what the killed process had handed
      // to
      // its sockets.
      assertThat(sent).isLessThanOrEqualTo(total - there + (16 << 20));
      assertThat(isWhole(client, registry, "ml/iris", digest, said(second))).isTrue();
      tell(
          reporter,
          "of %d bytes the killed push left %d whole; the second sent %d"
              .formatted(total, there, sent));
    }
  }

  private static void weights(Path file, long seed) throws IOException {
    byte[] bytes = new byte[1 << 20];
    var random = new Random(seed);
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int i = 0; i < 64; i++) {
        random.nextBytes(bytes);
        out.write(bytes);
      }
    }
  }

  private static void tell(TestReporter reporter, String counts) {
    reporter.publishEntry(counts);
    System.out.println(counts);
  }

  private static String digest(Outcome built) {
    assertThat(built.exit()).as(built.stderr()).isZero();
    String word = built.word();
    return word.substring(word.indexOf('@') + 1);
  }

  /// The configuration and the layers of an image in a layout.
  private List<JsonNode> blobs(Path layout, String digest) throws IOException {
    Path file = layout.resolve("blobs").resolve(digest.replace(':', '/'));
    return blobs(json.readTree(file.toFile()));
  }

  private static List<JsonNode> blobs(JsonNode manifest) {
    var blobs = new ArrayList<JsonNode>();
    blobs.add(manifest.path("config"));
    manifest.path("layers").forEach(blobs::add);
    return blobs;
  }

  /// The bytes a tag leads to, where it is there.
  private static Optional<byte[]> find(
      HttpClient client, LocalRegistry registry, String repository, String tag) throws Exception {
    var answer =
        client.send(
            HttpRequest.newBuilder(
                    URI.create(
                        "http://%s/v2/%s/manifests/%s".formatted(registry.host(), repository, tag)))
                .header("Accept", MANIFEST)
                .build(),
            BodyHandlers.ofByteArray());
    return answer.statusCode() == 404 ? Optional.empty() : Optional.of(answer.body());
  }

  private static boolean has(
      HttpClient client, LocalRegistry registry, String repository, JsonNode blob)
      throws Exception {
    var answer =
        client.send(
            HttpRequest.newBuilder(uri(registry, repository, blob))
                .method("HEAD", HttpRequest.BodyPublishers.noBody())
                .build(),
            BodyHandlers.discarding());
    return answer.statusCode() == 200;
  }

  private static URI uri(LocalRegistry registry, String repository, JsonNode blob) {
    return URI.create(
        "http://%s/v2/%s/blobs/%s"
            .formatted(registry.host(), repository, blob.path("digest").asText()));
  }

  /// Asks the registry itself, not over the wire.
  ///
  /// @return whether the tag is there; then it is the image, with all its blobs
  private boolean isWhole(
      HttpClient client, LocalRegistry registry, String repository, String digest, String told)
      throws Exception {
    Optional<byte[]> found = find(client, registry, repository, "1.0.0");
    if (found.isEmpty()) {
      return false;
    }
    byte[] bytes = found.get();
    assertThat("sha256:" + sha256(bytes)).as(told).isEqualTo(digest);
    for (JsonNode blob : blobs(json.readTree(bytes))) {
      assertThat(has(client, registry, repository, blob)).as(told).isTrue();
      if (whole.add(blob.path("digest").asText())) {
        var answer =
            client.send(
                HttpRequest.newBuilder(uri(registry, repository, blob)).build(),
                BodyHandlers.ofInputStream());
        assertThat("sha256:" + sha256(answer.body())).isEqualTo(blob.path("digest").asText());
      }
    }
    return true;
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private static String sha256(InputStream body) throws Exception {
    MessageDigest hash = MessageDigest.getInstance("SHA-256");
    try (body) {
      byte[] buffer = new byte[1 << 16];
      for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
        hash.update(buffer, 0, n);
      }
    }
    return HexFormat.of().formatHex(hash.digest());
  }

  private static void delete(Path folder) throws Exception {
    Process remove = new ProcessBuilder("rm", "-rf", folder.toString()).start();
    assertThat(remove.waitFor(1, TimeUnit.MINUTES)).isTrue();
  }
}
