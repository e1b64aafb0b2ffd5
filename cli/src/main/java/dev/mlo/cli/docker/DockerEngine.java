package dev.mlo.cli.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Version;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.httpclient5.ApacheDockerHttpClient;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A Docker Engine that answers.
public final class DockerEngine implements Closeable {
  /// For a question that needs no work; an engine that works may take its time.
  private static final Duration ANSWER = Duration.ofSeconds(8);

  private static final String WITHOUT =
      "docker version; `mlo run` without --docker needs no engine";

  private final EngineAddress address;
  private final DockerClient client;

  private DockerEngine(EngineAddress address, DockerClient client) {
    this.address = address;
    this.client = client;
  }

  /// @throws Failure NOT_FOUND when there is no engine where it is looked for, DENIED when this
  ///   user may not use it, NETWORK when it does not answer, USAGE when what is set makes no sense
  public static DockerEngine find(Map<String, String> environment) throws IOException {
    EngineAddress address = EngineAddress.find(environment);
    DockerClient client =
        DockerClientImpl.getInstance(
            address.config(),
            new ApacheDockerHttpClient.Builder()
                .dockerHost(address.uri())
                .sslConfig(address.config().getSSLConfig())
                .connectionTimeout(ANSWER)
                .build());
    boolean answers = false;
    try {
      requireAnswer(address, client);
      answers = true;
      return new DockerEngine(address, client);
    } finally {
      if (!answers) {
        client.close();
      }
    }
  }

  /// No time limit reaches through a socket of this machine, so another thread asks.
  private static void requireAnswer(EngineAddress address, DockerClient client) throws IOException {
    var refusal = new CompletableFuture<Optional<RuntimeException>>();
    Thread.ofPlatform()
        .daemon()
        .name("mlo-engine-ping")
        .start(() -> {
          try {
            client.pingCmd().exec();
            refusal.complete(Optional.empty());
          } catch (RuntimeException e) {
            refusal.complete(Optional.of(e));
          }
        });
    try {
      Optional<RuntimeException> refused = refusal.get(ANSWER.toMillis(), TimeUnit.MILLISECONDS);
      if (refused.isPresent()) {
        throw unreachable(address, refused.get());
      }
    } catch (TimeoutException e) {
      throw silent(address);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (InterruptedIOException) new InterruptedIOException("interrupted").initCause(e);
    }
  }

  private static Failure silent(EngineAddress address) {
    return Failure.of(ExitCode.NETWORK, "no Docker Engine answers at " + address.uri())
        .why("something listens there and says nothing for %d s".formatted(ANSWER.toSeconds()))
        .hint(WITHOUT);
  }

  private static Failure unreachable(EngineAddress address, RuntimeException e) throws IOException {
    if (Thread.currentThread().isInterrupted()) {
      throw EngineFailures.explained("answer", e);
    }
    String reason = EngineFailures.reason(e);
    boolean socket = "unix".equals(address.uri().getScheme());
    Path path = Path.of(socket ? address.uri().getPath() : "/");
    if (socket && !Files.exists(path)) {
      return Failure.of(ExitCode.NOT_FOUND, "no Docker Engine was found")
          .why("there is no socket " + path)
          .hint("start the engine or set DOCKER_HOST; `mlo run` without --docker needs none")
          .cause(e);
    }
    if (reason.contains("ermission denied")) {
      return Failure.of(ExitCode.DENIED, "you may not use the Docker Engine at " + path)
          .why(reason)
          .hint("sudo usermod -aG docker $USER, and log in again; plain `mlo run` needs no engine")
          .cause(e);
    }
    return Failure.of(ExitCode.NETWORK, "no Docker Engine answers at " + address.uri())
        .why(reason)
        .hint(WITHOUT)
        .cause(e);
  }

  /// Where what an engine gives away is kept for a moment: in the cache of this user.
  public static Path scratch(Map<String, String> environment) {
    String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
    Path home = Path.of(environment.getOrDefault("HOME", System.getProperty("user.home")));
    return (cache.isEmpty() ? home.resolve(".cache") : Path.of(cache)).resolve("mlo/docker");
  }

  /// @throws Failure USAGE when containers publish their ports on another machine's loopback
  public void requireHere() {
    if (!address.isHere()) {
      throw Failure.of(ExitCode.USAGE, "the Docker Engine is on another machine")
          .why("what a container publishes at " + address.uri() + " cannot be served here")
          .hint("mlo copy IMAGE docker:NAME, and `docker run` with a published port");
    }
  }

  /// What it says of itself: `27.5.1, API 1.47`.
  public String version() throws IOException {
    Version version = EngineFailures.told("say its version", () -> client.versionCmd().exec());
    return "%s, API %s".formatted(version.getVersion(), version.getApiVersion());
  }

  public EngineImages images() {
    return new EngineImages(client);
  }

  public EngineContainers containers() {
    return new EngineContainers(client);
  }

  @Override
  public void close() throws IOException {
    client.close();
  }
}
