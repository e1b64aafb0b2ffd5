package dev.mlo.cli.docker;

import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientConfig;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Where the engine is looked for, as the command `docker` does: `DOCKER_HOST`, the context of
/// `DOCKER_CONTEXT` or of its configuration, else the socket of this machine. Beyond that, the
/// sockets of an engine without root and of Docker Desktop.
record EngineAddress(DockerClientConfig config) {
  private static final Path USUAL = Path.of("/var/run/docker.sock");

  /// @throws Failure USAGE when what is set makes no sense
  static EngineAddress find(Map<String, String> environment) {
    var builder = DefaultDockerClientConfig.createDefaultConfigBuilder();
    try {
      DockerClientConfig config = builder.build();
      boolean usual = config.getDockerHost().equals(URI.create("unix://" + USUAL));
      if (usual && !environment.containsKey("DOCKER_HOST") && !Files.exists(USUAL)) {
        for (Path other : others(environment)) {
          if (Files.exists(other)) {
            return new EngineAddress(builder.withDockerHost("unix://" + other).build());
          }
        }
      }
      return new EngineAddress(config);
    } catch (RuntimeException e) {
      throw Failure.of(ExitCode.USAGE, "it is not clear which Docker Engine is meant")
          .why(String.valueOf(e.getMessage()))
          .hint("look at DOCKER_HOST, DOCKER_CONTEXT and DOCKER_TLS_VERIFY; try `docker version`")
          .cause(e);
    }
  }

  private static List<Path> others(Map<String, String> environment) {
    Path home = Path.of(environment.getOrDefault("HOME", "/"));
    String runtime = environment.getOrDefault("XDG_RUNTIME_DIR", "");
    return runtime.isEmpty()
        ? List.of(home.resolve(".docker/run/docker.sock"))
        : List.of(
            Path.of(runtime, "docker.sock"),
            home.resolve(".docker/run/docker.sock"),
            home.resolve(".docker/desktop/docker.sock"));
  }

  URI uri() {
    return config.getDockerHost();
  }

  /// Whether what a container publishes on this machine's loopback can be reached from here.
  boolean isHere() {
    String host = uri().getHost();
    if (!"tcp".equals(uri().getScheme()) || host == null || host.equals("localhost")) {
      return true;
    }
    try {
      return host.matches("\\[.*\\]|[0-9.]+") && InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
