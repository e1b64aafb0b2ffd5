package dev.mlo.runner;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.json.Json;
import dev.mlo.runner.fake.FakeBackend;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarOutputStream;
import java.util.zip.ZipEntry;

/// A runner as it runs in an image: a process of its own, configured by its environment, the fake
/// engine in a jar and a class loader of its own.
final class RunnerProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader out;
  private final Path ready;

  RunnerProcess(Path root, Map<String, String> extra) throws Exception {
    Path backends = root.resolve("backends");
    if (!Files.exists(backends)) {
      engine(Files.createDirectories(backends.resolve("fake")).resolve("engine.jar"));
    }
    ready = root.resolve("ready.json");
    Files.writeString(root.resolve("token"), Caller.TOKEN);
    var builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xmx128m",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path"),
            "dev.mlo.runner.Runner");
    Map<String, String> environment = builder.environment();
    environment.put("MLO_MODELS_DIR", root.resolve("models").toString());
    environment.put("MLO_BACKENDS_DIR", backends.toString());
    environment.put("MLO_STATE_DIR", root.resolve("state").toString());
    environment.put("MLO_HOST", "127.0.0.1");
    environment.put("MLO_HTTP_PORT", "0");
    environment.put("MLO_GRPC_PORT", "0");
    environment.put("MLO_ADMIN_PORT", "0");
    environment.put("MLO_ADMIN_TOKEN_FILE", root.resolve("token").toString());
    environment.put("MLO_READY_FILE", ready.toString());
    environment.putAll(extra);
    builder.redirectError(root.resolve("stderr").toFile());
    process = builder.start();
    out = process.inputReader(StandardCharsets.UTF_8);
  }

  private static void engine(Path jar) throws IOException, URISyntaxException {
    Path classes = Path.of(location());
    String folder = "dev/mlo/runner/fake";
    try (OutputStream file = Files.newOutputStream(jar);
        var zip = new JarOutputStream(file);
        DirectoryStream<Path> found =
            Files.newDirectoryStream(classes.resolve(folder), "*.class")) {
      for (Path one : found) {
        zip.putNextEntry(new ZipEntry(folder + "/" + one.getFileName()));
        zip.write(Files.readAllBytes(one));
      }
      zip.putNextEntry(new ZipEntry("META-INF/services/dev.mlo.backend.Backend"));
      zip.write(FakeBackend.class.getName().getBytes(StandardCharsets.UTF_8));
    }
  }

  private static URI location() throws URISyntaxException {
    return FakeBackend.class.getProtectionDomain().getCodeSource().getLocation().toURI();
  }

  /// Waits for the line that says it is ready, or for its end.
  ///
  /// @return whether it is ready
  boolean awaitReady() throws IOException {
    String line = out.readLine();
    return line != null && line.startsWith("ready: ");
  }

  Caller caller() throws IOException {
    JsonNode said = Json.parse(Files.readAllBytes(ready));
    return new Caller(port(said, "http"), port(said, "admin"));
  }

  private static int port(JsonNode said, String which) {
    return URI.create(said.path(which).asText()).getPort();
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /// SIGTERM, and what it exits with.
  int terminate() throws InterruptedException {
    process.destroy();
    return awaitExit();
  }

  int awaitExit() throws InterruptedException {
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      throw new AssertionError("the process does not end");
    }
    return process.exitValue();
  }

  /// SIGKILL.
  void kill() throws InterruptedException {
    process.destroyForcibly();
    awaitExit();
  }

  @Override
  public void close() throws IOException {
    process.destroyForcibly();
    out.close();
  }
}
