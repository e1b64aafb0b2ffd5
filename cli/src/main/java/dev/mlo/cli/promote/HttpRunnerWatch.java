package dev.mlo.cli.promote;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.cli.project.Workspace;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import dev.mlo.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Asks runners at their admin URL. Those on this machine are found by the files `mlo run` leaves
/// below `.mlo/run`, with the token each of them takes.
public final class HttpRunnerWatch implements RunnerWatch {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /// No status comes near this. Bytes.
  private static final int LARGEST_REPLY = 1 << 20;

  private final Path folder;

  public HttpRunnerWatch(Workspace workspace) {
    this.folder = workspace.run();
  }

  @Override
  public List<RunnerSighting> local() throws IOException {
    var found = new ArrayList<RunnerSighting>();
    for (Path file : files()) {
      found.add(local(file));
    }
    return found;
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(file -> file.getFileName().toString().endsWith(".json")).sorted().toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  private RunnerSighting local(Path file) {
    String id = file.getFileName().toString().replaceFirst("\\.json$", "");
    try {
      JsonNode node = Json.parse(Files.readAllBytes(file));
      @Nullable String image = node.path("image").textValue();
      URI admin = URI.create(node.path("admin").asText());
      String url = node.path("http").asText(admin.toString());
      long pid = node.path("pid").asLong(-1);
      if (pid > 0 && ProcessHandle.of(pid).isEmpty()) {
        return RunnerSighting.unreachable(id, url, image, "process " + pid + " has ended");
      }
      @Nullable String token = token(node.path("tokenFile").textValue());
      return ask(id, url, image, admin, token);
    } catch (IOException | IllegalArgumentException e) {
      return RunnerSighting.unreachable(
          id, file.toString(), null, "its file cannot be read: " + e.getMessage());
    }
  }

  private static @Nullable String token(@Nullable String file) throws IOException {
    return file == null || !Files.exists(Path.of(file))
        ? null
        : Files.readString(Path.of(file)).strip();
  }

  @Override
  public List<RunnerSighting> named(List<URI> runners) {
    return runners.stream()
        .map(runner -> ask(runner.toString(), runner.toString(), null, runner, null))
        .toList();
  }

  private static RunnerSighting ask(
      String name, String url, @Nullable String image, URI admin, @Nullable String token) {
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(admin.resolve("/mlo/v1/status")).timeout(PATIENCE);
      if (token != null) {
        request.header("Authorization", "Bearer " + token);
      }
      HttpResponse<InputStream> reply =
          client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      byte[] body;
      try (InputStream in = reply.body()) {
        body = in.readNBytes(LARGEST_REPLY);
      }
      return reply.statusCode() == 200
          ? new RunnerSighting(name, url, image, serves(body), null)
          : RunnerSighting.unreachable(name, url, image, refused(reply.statusCode()));
    } catch (IOException | IllegalArgumentException e) {
      return RunnerSighting.unreachable(name, url, image, trouble(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return RunnerSighting.unreachable(name, url, image, "interrupted");
    }
  }

  private static String refused(int status) {
    return switch (status) {
      case 401, 403 -> "it asks for a token";
      case 404 -> "it is no runner of mlo";
      default -> "it answered " + status;
    };
  }

  private static String trouble(Exception e) {
    return switch (e) {
      case HttpTimeoutException _ -> "no answer within %d s".formatted(PATIENCE.toSeconds());
      case ConnectException _ -> "nothing listens there";
      case JsonFormatException _ -> "it is no runner of mlo";
      default -> String.valueOf(e.getMessage());
    };
  }

  private static RunnerSighting.@Nullable Serves serves(byte[] body) throws JsonFormatException {
    JsonNode status = Json.parse(body);
    JsonNode active = status.path("active");
    if (!active.isObject()) {
      return null;
    }
    String digest = active.path("imageDigest").asText();
    return new RunnerSighting.Serves(
        active.path("model").asText(),
        active.path("version").asText(),
        Digest.isDigest(digest) ? Digest.parse(digest) : null,
        status.path("ready").asBoolean());
  }
}
