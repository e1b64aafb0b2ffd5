package dev.mlo.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mlo.oci.LayerReader;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// A runner starts from the class-data archive of its image. `-Dgolden.update=true` rewrites the
/// list of classes that is made from.
@ExtendWith(Installed.class)
class ClassArchiveTest {
  private static final Path LIST =
      Path.of(System.getProperty("mlo.root", "."), "cli/src/build/runner.classes");

  @TempDir Path folder;
  private Path image;
  private List<String> entrypoint;
  private byte[] request;

  @BeforeEach
  void unpack(Mlo user) throws Exception {
    Path project = Files.createDirectory(folder.resolve("iris"));
    IrisProject.lay(project, "1.0.0");
    Mlo mlo = user.in(project);
    Outcome built = mlo.run("build", "-q");
    assertThat(built.exit()).as(built.stderr()).isZero();
    request = Files.readAllBytes(project.resolve("examples/one.json"));

    Path store = project.resolve(".mlo/store");
    JsonNode index = json(store.resolve("index.json"));
    JsonNode manifest = json(blob(store, index.path("manifests").path(0)));
    JsonNode config = json(blob(store, manifest.path("config")));
    image = folder.resolve("image");
    for (JsonNode layer : manifest.path("layers")) {
      try (InputStream in = Files.newInputStream(blob(store, layer))) {
        LayerReader.unpack(in, image, LayerReader.Limits.DEFAULT);
      }
    }
    entrypoint = new ArrayList<>();
    for (JsonNode word : config.path("config").path("Entrypoint")) {
      entrypoint.add(
          word.asText().replace("/opt/mlo", image + "/opt/mlo").replace("/dev/shm", "" + folder));
    }
  }

  private static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }

  private static Path blob(Path store, JsonNode descriptor) {
    return store.resolve("blobs").resolve(descriptor.path("digest").asText().replace(':', '/'));
  }

  /// Nine of ten: a list that the code has left behind costs the start what it saves.
  @Test
  void holdsWhatARunnerLoads() throws Exception {
    if (Boolean.getBoolean("golden.update")) {
      Path seen = folder.resolve("seen");
      serve("-Xshare:off", "-XX:DumpLoadedClassList=" + seen);
      Files.write(LIST, listed(seen));
    }

    Path log = folder.resolve("loaded");
    serve("-Xlog:class+load:file=" + log);
    List<String> own =
        Files.readAllLines(log).stream().filter(line -> !line.contains("/backends/")).toList();
    long shared = own.stream().filter(line -> line.contains("shared objects file")).count();
    assertThat(shared)
        .as("of %d; renew the list: run this test with -Dgolden.update=true", own.size())
        .isGreaterThan(own.size() * 9L / 10);
  }

  /// Layers keep no time but 0. Whoever unpacks them with another one starts slower, and is told
  /// nothing: it is no error.
  @Test
  void isLeftOutInSilenceWhereItDoesNotFit() throws Exception {
    Files.setLastModifiedTime(
        image.resolve("opt/mlo/runner/mlo-runner.jar"), FileTime.fromMillis(86_400_000));
    Path log = folder.resolve("loaded");

    String said = serve("-Xlog:class+load:file=" + log);

    assertThat(Files.readAllLines(log)).noneMatch(line -> line.contains("shared objects file"));
    assertThat(said.lines()).hasSize(1).allMatch(line -> line.startsWith("serving iris 1.0.0"));
  }

  /// Starts the image's own entrypoint with more options, asks it by JSON and for its page and
  /// metrics, and ends it.
  ///
  /// @return what it said on stderr
  private String serve(String... options) throws Exception {
    var words = new ArrayList<>(entrypoint);
    words.addAll(1, List.of(options));
    Path ready = folder.resolve("ready.json");
    Path stderr = folder.resolve("stderr");
    ProcessBuilder builder = new ProcessBuilder(words).redirectError(stderr.toFile());
    builder.environment().put("MLO_MODELS_DIR", image.resolve("models").toString());
    builder.environment().put("MLO_BACKENDS_DIR", image.resolve("opt/mlo/backends").toString());
    builder.environment().put("MLO_STATE_DIR", folder.resolve("state").toString());
    builder.environment().put("MLO_HOST", "127.0.0.1");
    builder.environment().put("MLO_READY_FILE", ready.toString());
    for (String port : List.of("MLO_HTTP_PORT", "MLO_GRPC_PORT", "MLO_ADMIN_PORT")) {
      builder.environment().put(port, "0");
    }
    Process process = builder.start();
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        HttpClient client = HttpClient.newHttpClient()) {
      assertThat(out.readLine()).as(Files.readString(stderr)).startsWith("ready: ");
      String http = json(ready).path("http").asText();
      assertThat(ask(client, http + "/v2/models/iris/infer", request)).contains("\"outputs\"");
      assertThat(ask(client, http + "/", null)).contains("iris");
      assertThat(ask(client, json(ready).path("admin").asText() + "/metrics", null))
          .contains("mlo_inference_requests_total");
    } finally {
      process.destroy();
      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
    return Files.readString(stderr);
  }

  private static String ask(HttpClient client, String at, byte @Nullable [] body) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(at));
    if (body != null) {
      request
          .header("Content-Type", "application/json")
          .POST(HttpRequest.BodyPublishers.ofByteArray(body));
    }
    HttpResponse<String> answer =
        client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return answer.body();
  }

  /// Names of classes and of lambdas, sorted, without what holds for these very bytes of a class
  /// only, and without the classes of engines, which loaders of their own load.
  private static Collection<String> listed(Path seen) throws IOException {
    var listed = new TreeSet<String>();
    for (String line : Files.readAllLines(seen, StandardCharsets.ISO_8859_1)) {
      boolean left =
          line.startsWith("#")
              || line.startsWith("@cp")
              || line.contains(" source: ")
              || line.contains("dev/mlo/backend/onnx")
              || line.contains("dev/mlo/backend/pmml");
      if (!left) {
        listed.add(line.replaceFirst(" id: .*", ""));
      }
    }
    return listed;
  }
}
