package dev.mlo.cli.deploy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.attest.TestResult;
import dev.mlo.cli.project.ImageView;
import dev.mlo.contract.Golden;
import dev.mlo.contract.MalformedException;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.TensorJson;
import dev.mlo.json.Json;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.TempFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/// Asks an image its golden examples, in its own runner, over the protocol that clients use.
public final class ModelTest {
  /// Always three digits of a second, so that the text sorts as the time does.
  private static final DateTimeFormatter NOW_FORM =
      new DateTimeFormatterBuilder().appendInstant(3).toFormatter(Locale.ROOT);

  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  private final Path java;
  private final LayerCache cache;
  private final ServeLog log;

  public ModelTest(Path java, LayerCache cache, ServeLog log) {
    this.java = java;
    this.cache = cache;
    this.log = log;
  }

  /// @param display what the person called the image An image without examples is asked once with
  ///   zeros: that it loads and answers is shown, no more.
  ///
  /// @throws dev.mlo.cli.failure.Failure REFUSED when the image's model cannot be loaded
  public TestResult test(ImageSource source, Descriptor root, String display)
      throws IOException, InterruptedException {
    ImageView view = ImageView.read(source, root);
    ModelCard card = view.model(display);
    log.unpacking(display);
    RunnerFiles files = RunnerFiles.of(source, view, display, cache);
    Path directory = cache.scratch();
    try {
      Path models = withoutSelfTest(files, directory.resolve("models"));
      log.starting(card);
      try (LocalRunner runner =
          LocalRunner.start(
              new LocalRunner.Start(
                  java,
                  files.runner(),
                  files.backends(),
                  models,
                  Files.createDirectory(directory.resolve("state")),
                  "127.0.0.1",
                  0,
                  OptionalInt.empty(),
                  0,
                  null,
                  Map.of(),
                  display,
                  view.image().digest().toString()))) {
        return ask(files, runner, view);
      }
    } finally {
      TempFiles.delete(directory);
    }
  }

  /// A runner refuses to serve a model that answers its examples wrongly; here each wrong answer is
  /// to be shown. So this runner gets a card without them.
  private static Path withoutSelfTest(RunnerFiles files, Path models) throws IOException {
    for (ModelCard.File file : files.card().files()) {
      Path from = files.models().resolve(file.path());
      Path to = models.resolve(file.path());
      Files.createDirectories(to.getParent());
      try {
        Files.createLink(to, from);
      } catch (FileSystemException | UnsupportedOperationException e) {
        Files.copy(from, to);
      }
    }
    ObjectNode card = Json.tree(files.card());
    card.putArray("examples");
    Files.write(models.resolve(dev.mlo.contract.Labels.CARD_FILE), Json.pretty(card));
    return models;
  }

  private TestResult ask(RunnerFiles files, LocalRunner runner, ImageView view)
      throws IOException, InterruptedException {
    ModelCard card = files.card();
    URI infer = runner.http().resolve("/v2/models/" + card.name() + "/infer");
    var answered = new ArrayList<TestResult.Example>();
    try (HttpClient client = HttpClient.newBuilder().proxy(HttpClient.Builder.NO_PROXY).build()) {
      if (card.examples().isEmpty()) {
        answered.add(smoke(client, infer, card));
      }
      for (ModelCard.Example example : card.examples()) {
        byte[] request = Files.readAllBytes(files.models().resolve(example.request()));
        byte[] expected = Files.readAllBytes(files.models().resolve(example.response()));
        Answer answer = send(client, infer, request);
        List<String> differences = differences(answer.response, expected, example.tolerance());
        String name = example.request().substring(example.request().lastIndexOf('/') + 1);
        answered.add(
            new TestResult.Example(name, differences.isEmpty(), answer.millis, differences));
        log.answered(name, differences.isEmpty(), answer.millis);
      }
    }
    return new TestResult(
        view.root().digest(),
        answered.stream().allMatch(TestResult.Example::passed),
        NOW_FORM.format(Instant.now()),
        files.runnerVersion(),
        answered);
  }

  private record Answer(HttpResponse<byte[]> response, double millis) {}

  private static Answer send(HttpClient client, URI infer, byte[] request)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    HttpResponse<byte[]> response =
        client.send(post(infer, request), HttpResponse.BodyHandlers.ofByteArray());
    return new Answer(response, Math.round((System.nanoTime() - start) / 1e3) / 1e3);
  }

  private TestResult.Example smoke(HttpClient client, URI infer, ModelCard card)
      throws IOException, InterruptedException {
    var request = new ByteArrayOutputStream();
    TensorJson.write(SmokeRequest.of(card.signature()), request);
    Answer answer = send(client, infer, request.toByteArray());
    boolean refused = SmokeRequest.mayBeRefused(card) && answer.response.statusCode() == 400;
    List<String> differences = refused ? List.of() : unanswered(answer.response);
    if (differences.isEmpty() && !refused) {
      try {
        differences =
            SmokeRequest.differences(card.signature(), TensorJson.response(answer.response.body()));
      } catch (MalformedException e) {
        differences = List.of(String.valueOf(e.getMessage()));
      }
    }
    log.answered(SmokeRequest.NAME, differences.isEmpty(), answer.millis);
    return new TestResult.Example(
        SmokeRequest.NAME, differences.isEmpty(), answer.millis, differences);
  }

  private static List<String> unanswered(HttpResponse<byte[]> response) {
    return response.statusCode() == 200
        ? List.of()
        : List.of(
            "the runner answered %d: %s"
                .formatted(
                    response.statusCode(), new String(response.body(), StandardCharsets.UTF_8)));
  }

  private static HttpRequest post(URI infer, byte[] request) {
    return HttpRequest.newBuilder(infer)
        .timeout(TIMEOUT)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofByteArray(request))
        .build();
  }

  private static List<String> differences(
      HttpResponse<byte[]> response, byte[] expected, double tolerance) {
    List<String> unanswered = unanswered(response);
    if (!unanswered.isEmpty()) {
      return unanswered;
    }
    try {
      return Golden.differences(
          TensorJson.outputs(expected), TensorJson.outputs(response.body()), tolerance);
    } catch (MalformedException e) {
      return List.of(String.valueOf(e.getMessage()));
    }
  }
}
