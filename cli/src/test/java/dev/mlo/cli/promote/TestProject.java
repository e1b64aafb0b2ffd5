package dev.mlo.cli.promote;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.attest.TestResult;
import dev.mlo.cli.project.Project;
import dev.mlo.cli.project.ProjectReader;
import dev.mlo.contract.Labels;
import dev.mlo.json.Json;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A project `iris` on disk, with images in its store and nothing promoted yet.
record TestProject(Path directory, AtomicInteger tested) {
  static final Actor ALICE = new Actor("Alice", "alice@example.com", "git");
  static final Actor BOB = new Actor("Bob", "bob@example.com", "git");

  static TestProject in(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("mlops.yaml"), "name: iris\nmodel: model.onnx\n");
    Files.writeString(directory.resolve("model.onnx"), "a model");
    return new TestProject(directory, new AtomicInteger());
  }

  Project project() {
    return ProjectReader.read(directory);
  }

  /// Puts an image into the project's own store.
  Digest build(String version) throws IOException {
    return build(version, 2);
  }

  Digest build(String version, int examples) throws IOException {
    return image(project().workspace().store(), version, examples).digest();
  }

  static Descriptor image(Path layout, String version, int examples) throws IOException {
    LayoutStore store = LayoutStore.create(layout);
    List<Descriptor> layers =
        List.of(
            layer(store, "the runner, the same in every version ".repeat(500), Labels.ROLE_RUNNER),
            layer(store, "the weights of " + version, Labels.ROLE_MODEL));
    ObjectNode card = Json.object().put("name", "iris").put("version", version);
    ArrayNode list = card.putArray("examples");
    for (int i = 0; i < examples; i++) {
      list.addObject().put("request", i + ".request.json");
    }
    ObjectNode run = Json.object();
    run.putObject("Labels")
        .put(Labels.CARD, new String(Json.compact(card), StandardCharsets.UTF_8));
    ImageConfig config = ImageConfig.of(Platform.current(), ImageConfig.EPOCH, run);
    Manifest manifest =
        new Manifest(
            MediaTypes.MANIFEST,
            null,
            store.blob(MediaTypes.CONFIG, config.write()),
            layers,
            null,
            Map.of());
    byte[] bytes = manifest.write();
    Descriptor root = Descriptor.of(MediaTypes.MANIFEST, bytes);
    store.manifest(root, bytes);
    store.tag("iris:" + version, root);
    return root;
  }

  private static Descriptor layer(LayoutStore store, String content, String role)
      throws IOException {
    return store
        .blob(MediaTypes.LAYER_TAR, content.getBytes(StandardCharsets.UTF_8))
        .with(Labels.LAYER_ROLE, role);
  }

  Promoter promoter(Actor actor, Checkpoint checkpoint) {
    return new Promoter(project(), author(actor), this::passing, PromotionLog.SILENT, checkpoint);
  }

  Promoter promoter() {
    return promoter(ALICE, Checkpoint.NONE);
  }

  static Author author(Actor actor) {
    return new Author(actor, "0.0-test", InstantSource.system());
  }

  private TestResult passing(LayoutStore store, Descriptor image) throws IOException {
    tested.incrementAndGet();
    TestResult result =
        new TestResult(
            image.digest(),
            true,
            Instant.now().toString(),
            "test",
            List.of(
                new TestResult.Example("1", true, 1, List.of()),
                new TestResult.Example("2", true, 1, List.of())));
    result.attach(store, image);
    return result;
  }

  PromotionResult promote(@Nullable String image, String to) throws IOException {
    return promoter().promote(wanted(image, to));
  }

  static Promotion wanted(@Nullable String image, String to) {
    return new Promotion(image, to, null, false, "because", null);
  }

  PromotionResult rollback(String environment, @Nullable String to) throws IOException {
    return new Rollback(project(), author(ALICE), PromotionLog.SILENT)
        .rollback(new Rollback.Request(environment, to, false, "bad scores", null));
  }

  Ledger ledger() {
    return Ledger.at(project().ledger());
  }

  EnvironmentRecord record(String environment) throws IOException {
    return ledger().record("iris", environment).orElseThrow();
  }

  LayoutStore store(String environment) throws IOException {
    return LayoutStore.open(project().workspace().environment(environment));
  }

  @Nullable Digest pointer(String environment) throws IOException {
    return Standing.digest(store(environment).tags(), "iris:" + environment);
  }

  Path blob(String environment, Digest digest) {
    return project()
        .workspace()
        .environment(environment)
        .resolve("blobs")
        .resolve(digest.algorithm())
        .resolve(digest.hex());
  }

  Status.Result status() throws IOException {
    return new Status(project(), new NoRunners()).read(null);
  }

  String state(String environment) throws IOException {
    return status().environments().stream()
        .filter(status -> status.name().equals(environment))
        .findFirst()
        .orElseThrow()
        .state();
  }

  /// A laptop on which nothing runs.
  record NoRunners() implements RunnerWatch {
    @Override
    public List<RunnerSighting> local() {
      return List.of();
    }

    @Override
    public List<RunnerSighting> named(List<java.net.URI> runners) {
      return List.of();
    }
  }
}
