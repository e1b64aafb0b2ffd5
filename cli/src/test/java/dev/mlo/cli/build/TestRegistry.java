package dev.mlo.cli.build;

import dev.mlo.oci.Digest;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;

/// A registry of the package docker-registry on a free port, with a way to push what no tool would.
record TestRegistry(Process process, String host, Path directory) implements AutoCloseable {
  static final String ACCOUNT = "alice:s3cret";

  /// `ACCOUNT`, as `htpasswd -B` writes it.
  private static final String HTPASSWD =
      "alice:$2y$05$abcdefghijklmnopqrstuuLK7U1u6pVRmL7L1BBM2aS35PSZnDXlK\n";

  private static final Path PROGRAM = Path.of("/usr/bin/docker-registry");
  private static final Pattern LISTENING = Pattern.compile("listening on (127\\.0\\.0\\.1:\\d+)");

  static TestRegistry start(Path directory) throws IOException {
    return start(directory, "");
  }

  static TestRegistry withAccount(Path directory) throws IOException {
    Files.createDirectories(directory);
    Path accounts = Files.writeString(directory.resolve("htpasswd"), HTPASSWD);
    return start(directory, "auth: {htpasswd: {realm: test, path: \"%s\"}}\n".formatted(accounts));
  }

  private static TestRegistry start(Path directory, String more) throws IOException {
    Assumptions.assumeTrue(Files.isExecutable(PROGRAM), "the package docker-registry is missing");
    Files.createDirectories(directory);
    Path config =
        Files.writeString(
            directory.resolve("config.yml"),
            """
            version: 0.1
            log: {level: info}
            storage: {filesystem: {rootdirectory: "%s"}}
            http: {addr: "127.0.0.1:0"}
            %s\
            """
                .formatted(directory.resolve("data"), more));
    Process process =
        new ProcessBuilder(PROGRAM.toString(), "serve", config.toString())
            .redirectErrorStream(true)
            .start();
    BufferedReader log = process.inputReader(StandardCharsets.UTF_8);
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      Matcher listening = LISTENING.matcher(line);
      if (listening.find()) {
        Thread.ofVirtual().start(() -> log.lines().forEach(_ -> {}));
        return new TestRegistry(process, listening.group(1), directory);
      }
    }
    throw new IOException("docker-registry ended");
  }

  void blob(String repository, byte[] bytes) throws IOException, InterruptedException {
    HttpResponse<String> started =
        send(HttpRequest.newBuilder(at(repository, "blobs/uploads/")).POST(none()));
    String location = started.headers().firstValue("Location").orElseThrow();
    send(
        HttpRequest.newBuilder(URI.create(location + "&digest=" + Digest.sha256(bytes)))
            .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes)));
  }

  void manifest(String repository, String reference, String mediaType, byte[] bytes)
      throws IOException, InterruptedException {
    send(
        HttpRequest.newBuilder(at(repository, "manifests/" + reference))
            .header("Content-Type", mediaType)
            .PUT(HttpRequest.BodyPublishers.ofByteArray(bytes)));
  }

  private static HttpRequest.BodyPublisher none() {
    return HttpRequest.BodyPublishers.noBody();
  }

  private URI at(String repository, String path) {
    return URI.create("http://" + host + "/v2/" + repository + "/" + path);
  }

  private static HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    String account = Base64.getEncoder().encodeToString(ACCOUNT.getBytes(StandardCharsets.UTF_8));
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> response =
          client.send(
              request.header("Authorization", "Basic " + account).build(),
              HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() >= 300) {
        throw new IOException(response + " " + response.body());
      }
      return response;
    }
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
