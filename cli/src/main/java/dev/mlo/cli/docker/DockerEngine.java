package dev.mlo.cli.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.httpclient5.ApacheDockerHttpClient;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A Docker Engine that answers.
public final class DockerEngine implements Closeable {
  private static final Duration CONNECT = Duration.ofSeconds(5);

  /// For a question that needs no work; an engine that works may take its time.
  private static final Duration ANSWER = Duration.ofSeconds(10);

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
    try (DockerClient asking = client(address, ANSWER)) {
      asking.pingCmd().exec();
    } catch (RuntimeException e) {
      throw unreachable(address, e);
    }
    return new DockerEngine(address, client(address, null));
  }

  private static DockerClient client(EngineAddress address, @Nullable Duration patience) {
    try {
      return DockerClientImpl.getInstance(
          address.config(),
          new ApacheDockerHttpClient.Builder()
              .dockerHost(address.uri())
              .sslConfig(address.config().getSSLConfig())
              .connectionTimeout(CONNECT)
              .responseTimeout(patience)
              .build());
    } catch (IllegalArgumentException e) {
      throw Failure.of(ExitCode.USAGE, "mlo cannot talk to the Docker Engine at " + address.uri())
          .why(String.valueOf(e.getMessage()))
          .hint("unix:// and tcp:// are spoken; ssh -L can forward a socket")
          .cause(e);
    }
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
        .hint("docker version; `mlo run` without --docker needs no engine")
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
