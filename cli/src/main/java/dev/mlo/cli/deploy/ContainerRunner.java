package dev.mlo.cli.deploy;

import dev.mlo.cli.docker.DockerEngine;
import dev.mlo.cli.docker.EngineContainer;
import dev.mlo.cli.docker.EngineContainers;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.RunnerVariables;
import dev.mlo.contract.RunnerWords;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// A runner as a container of a Docker Engine, in the image it was built into. It ends when it is
/// closed, and when the command that started it dies.
public final class ContainerRunner implements ServingRunner {
  /// The user of every image of ours.
  private static final int USER = 65532;

  private static final int HTTP = 8080;
  private static final int GRPC = 8081;
  private static final int ADMIN = 8082;
  private static final String STATE = "/var/lib/mlo";
  private static final String TOKEN = "admin.token";
  private static final Duration ANSWER = Duration.ofSeconds(20);

  private final EngineContainer container;
  private final URI http;
  private final Optional<String> grpc;
  private final URI admin;

  private ContainerRunner(EngineContainer container, URI http, Optional<String> grpc, URI admin) {
    this.container = container;
    this.http = http;
    this.grpc = grpc;
    this.admin = admin;
  }

  /// What to start.
  ///
  /// @param image the engine's id of the image
  /// @param settings variables that a person chose
  /// @param display what the image is called, and the digest of its manifest
  record Start(
      String name,
      String image,
      Serve.Place place,
      String token,
      Map<String, String> settings,
      Map<String, String> labels,
      String display,
      String digest) {}

  /// Starts a runner and waits until it has answered its examples and takes requests.
  ///
  /// @throws Failure with the runner's own words when it ends before that
  static ContainerRunner start(DockerEngine engine, Start start)
      throws IOException, InterruptedException {
    EngineContainer container =
        engine
            .containers()
            .create(
                new EngineContainers.Wanted(
                    start.name,
                    start.image,
                    USER,
                    environment(start),
                    start.labels,
                    STATE,
                    Map.of(TOKEN, start.token.getBytes(StandardCharsets.US_ASCII)),
                    ports(start.place)));
    boolean serving = false;
    try {
      launch(container, start);
      var runner =
          new ContainerRunner(
              container,
              url(start.place.host(), container.published(HTTP)),
              start.place.grpcPort().isEmpty()
                  ? Optional.empty()
                  : Optional.of(address(start.place.host(), container.published(GRPC))),
              url(start.place.host(), container.published(ADMIN)));
      runner.requireReady();
      serving = true;
      return runner;
    } finally {
      if (!serving) {
        container.close();
      }
    }
  }

  private static List<EngineContainers.Port> ports(Serve.Place place) {
    var ports = new ArrayList<EngineContainers.Port>();
    ports.add(new EngineContainers.Port(HTTP, place.host(), place.httpPort()));
    place
        .grpcPort()
        .ifPresent(port -> ports.add(new EngineContainers.Port(GRPC, place.host(), port)));
    ports.add(new EngineContainers.Port(ADMIN, place.host(), place.adminPort()));
    return ports;
  }

  private static Map<String, String> environment(Start start) {
    var variables = new LinkedHashMap<String, String>(start.settings);
    variables.put("MLO_ADMIN_TOKEN_FILE", STATE + "/" + TOKEN);
    if (start.place.grpcPort().isEmpty()) {
      variables.put("MLO_GRPC_PORT", "off");
    }
    variables.put("MLO_BOUND", "stdin");
    variables.put("MLO_IMAGE", start.display);
    variables.put("MLO_IMAGE_DIGEST", start.digest);
    return variables;
  }

  private static void launch(EngineContainer container, Start start)
      throws IOException, InterruptedException {
    try {
      container.start();
    } catch (Failure e) {
      throw e.code() == ExitCode.CONFLICT
          ? Failure.of(ExitCode.CONFLICT, "a port of the runner is taken")
              .why(e.why())
              .hint("choose others with --port, --grpc-port and --admin-port; 0 takes any free one")
          : e;
    }
    if (container.says(RunnerWords::isReady)) {
      return;
    }
    int code = container.await();
    List<String> said =
        container.lastWords().stream().map(line -> line.replaceFirst("^error: ", "")).toList();
    if (code == RunnerVariables.SENSELESS) {
      throw RunnerSettings.senseless(start.display, said);
    }
    Failure failure =
        Failure.of(ExitCode.REFUSED, "`%s` does not start".formatted(start.display)).why(said);
    if (container.ranOutOfMemory()) {
      failure = failure.why("it needs more memory than the engine gives it");
    } else if (said.isEmpty()) {
      failure = failure.why("the runner ended without a word, with " + code);
    }
    throw failure.hint("mlo test tells which example is answered wrongly");
  }

  /// What listens everywhere is reached on this machine's loopback.
  private static URI url(String host, int port) {
    return URI.create("http://" + address(host, port));
  }

  private static String address(String host, int port) {
    String reachable =
        switch (host) {
          case "0.0.0.0" -> "127.0.0.1";
          case "::" -> "[::1]";
          default -> host.contains(":") ? "[" + host + "]" : host;
        };
    return reachable + ":" + port;
  }

  /// The runner is ready; now it is seen whether its port can be reached from here.
  private void requireReady() throws InterruptedException {
    try (HttpClient client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(ANSWER)
            .build()) {
      HttpResponse<Void> answer =
          client.send(
              HttpRequest.newBuilder(http.resolve("/v2/health/ready")).timeout(ANSWER).build(),
              HttpResponse.BodyHandlers.discarding());
      if (answer.statusCode() == 200) {
        return;
      }
      throw unreachable("something else answers there, with " + answer.statusCode());
    } catch (IOException e) {
      throw unreachable(e.getMessage() == null ? e.toString() : e.getMessage()).cause(e);
    }
  }

  private Failure unreachable(String why) {
    return Failure.of(ExitCode.NETWORK, "the runner serves, but not at " + http)
        .why(why)
        .hint("does the engine publish ports on this machine? docker info");
  }

  @Override
  public URI http() {
    return http;
  }

  @Override
  public Optional<String> grpc() {
    return grpc;
  }

  @Override
  public URI admin() {
    return admin;
  }

  /// The container's id, as people type it.
  public String container() {
    return container.id();
  }

  /// What it said last beside its answers.
  public List<String> lastWords() {
    return container.lastWords();
  }

  @Override
  public Failure ended(int code) {
    return ServingRunner.endedByItself(code).why(lastWords());
  }

  @Override
  public OptionalLong answered() {
    return container.lastLines().stream()
        .map(RunnerWords::answered)
        .filter(OptionalLong::isPresent)
        .findFirst()
        .orElse(OptionalLong.empty());
  }

  @Override
  public int await() throws IOException, InterruptedException {
    return container.await();
  }

  @Override
  public void close() throws IOException {
    container.close();
  }
}
