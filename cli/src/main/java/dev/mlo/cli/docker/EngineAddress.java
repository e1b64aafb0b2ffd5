package dev.mlo.cli.docker;

import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientConfig;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.oci.Digest;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Where the engine is looked for, as the command `docker` does: `DOCKER_HOST`, the context of
/// `DOCKER_CONTEXT` or of its configuration, else the socket of this machine. Beyond that, the
/// sockets of an engine without root and of Docker Desktop.
record EngineAddress(DockerClientConfig config) {
  private static final Path USUAL = Path.of("/var/run/docker.sock");

  /// What docker-java speaks.
  private static final Set<String> SCHEMES = Set.of("unix", "tcp");

  /// @throws Failure USAGE when what is set makes no sense
  static EngineAddress find(Map<String, String> environment) {
    requireHost(environment.getOrDefault("DOCKER_HOST", ""));
    requireContext(environment);
    var builder = DefaultDockerClientConfig.createDefaultConfigBuilder();
    EngineAddress found;
    try {
      found = new EngineAddress(builder.build());
      boolean usual = found.uri().equals(URI.create("unix://" + USUAL));
      if (usual && !environment.containsKey("DOCKER_HOST") && !Files.exists(USUAL)) {
        for (Path other : others(environment)) {
          if (Files.exists(other)) {
            found = new EngineAddress(builder.withDockerHost("unix://" + other).build());
            break;
          }
        }
      }
    } catch (RuntimeException e) {
      throw unclear(EngineFailures.reason(e)).cause(e);
    }
    requireHost(found.uri().toString());
    return found;
  }

  private static void requireHost(String host) {
    String scheme = host.substring(0, Math.max(0, host.indexOf("://")));
    if (!host.isEmpty() && !SCHEMES.contains(scheme)) {
      throw Failure.of(ExitCode.USAGE, "mlo cannot talk to the Docker Engine at `" + host + "`")
          .why("expected unix://SOCKET or tcp://HOST:PORT")
          .hint(
              scheme.equals("ssh")
                  ? "forward it: ssh -nNTL /tmp/docker.sock:/var/run/docker.sock HOST"
                  : "DOCKER_HOST=unix://" + USUAL);
    }
  }

  /// docker-java takes a context that is not there for none.
  private static void requireContext(Map<String, String> environment) {
    String context = environment.getOrDefault("DOCKER_CONTEXT", "");
    if (context.isEmpty()
        || context.equals("default")
        || !environment.getOrDefault("DOCKER_HOST", "").isEmpty()) {
      return;
    }
    String set = environment.getOrDefault("DOCKER_CONFIG", "");
    Path config =
        set.isEmpty() ? Path.of(environment.getOrDefault("HOME", "/"), ".docker") : Path.of(set);
    String folder = Digest.sha256(context.getBytes(StandardCharsets.UTF_8)).hex();
    if (!Files.exists(config.resolve("contexts/meta").resolve(folder).resolve("meta.json"))) {
      throw unclear("there is no context `%s` below %s".formatted(context, config));
    }
  }

  private static Failure unclear(String why) {
    return Failure.of(ExitCode.USAGE, "it is not clear which Docker Engine is meant")
        .why(why)
        .hint("look at DOCKER_HOST, DOCKER_CONTEXT and DOCKER_TLS_VERIFY; try `docker version`");
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
