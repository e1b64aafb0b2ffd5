package dev.mlo.cli.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.RunnerJava;
import dev.mlo.contract.RunnerVariables;
import dev.mlo.json.Json;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A runner as a process of this machine, on the installed Java. It ends when it is closed, and
/// when the process that started it dies: its standard input is a pipe that breaks then.
public final class LocalRunner implements ServingRunner {
  /// Longer than the runner's own drain.
  private static final Duration DRAIN = Duration.ofSeconds(40);

  private static final int LOG_LINES = 12;

  /// The runner's exit code when it cannot listen.
  private static final int CANNOT_LISTEN = 3;

  private static final Pattern HELPER_STOPPED = Pattern.compile("spawn helper.*signal: (2|15)\\b");

  private final Process process;
  private final RunnerOutput output;
  private final Path log;
  private final URI http;
  private final Optional<String> grpc;
  private final URI admin;

  private LocalRunner(
      Process process, RunnerOutput output, Path log, URI http, Optional<String> grpc, URI admin) {
    this.process = process;
    this.output = output;
    this.log = log;
    this.http = http;
    this.grpc = grpc;
    this.admin = admin;
  }

  /// What to start.
  ///
  /// @param models the directory with the model's files and its card
  /// @param state a directory of its own that the runner may write to
  /// @param httpPort 0: any free one
  /// @param grpcPort 0: any free one; empty: no gRPC
  /// @param adminPort 0: any free one
  /// @param token the file with the admin token; `null`: the admin API stays closed
  /// @param settings variables that a person chose
  /// @param image what the image is called, and its digest
  record Start(
      Path java,
      Path runner,
      Path backends,
      Path models,
      Path state,
      String host,
      int httpPort,
      OptionalInt grpcPort,
      int adminPort,
      @Nullable Path token,
      Map<String, String> settings,
      String image,
      @Nullable String digest) {}

  /// Starts a runner and waits until it has answered its examples and takes requests.
  ///
  /// @throws Failure with the runner's own words when it ends before that
  /// @throws InterruptedException also when it was asked to stop before that
  static LocalRunner start(Start start) throws IOException, InterruptedException {
    Path temporary = Files.createDirectories(start.state.resolve("tmp"));
    Path ready = start.state.resolve("ready.json");
    Path log = start.state.resolve("runner.log");
    Files.deleteIfExists(ready);
    var command = new ArrayList<>(List.of(start.java.toString()));
    boolean archived = Files.exists(start.runner.resolve(RunnerJava.ARCHIVE));
    command.addAll(
        new RunnerJava(start.runner.toString(), archived, temporary.toString()).arguments());
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("MLO_"));
    builder.environment().putAll(environment(start, ready));
    Process process = launch(builder);
    RunnerOutput output = RunnerOutput.of(process);
    boolean started = false;
    try {
      awaitReady(process, output, start, log);
      JsonNode said = Json.parse(Files.readAllBytes(ready));
      LocalRunner runner =
          new LocalRunner(
              process,
              output,
              log,
              URI.create(said.path("http").asText()),
              Optional.ofNullable(said.path("grpc").textValue()),
              URI.create(said.path("admin").asText()));
      started = true;
      return runner;
    } finally {
      if (!started) {
        process.destroyForcibly();
        awaitEnd(process, DRAIN);
      }
    }
  }

  /// Java starts programs through a helper of its own, which a Ctrl-C at a terminal may end first.
  private static Process launch(ProcessBuilder builder) throws IOException, InterruptedException {
    try {
      return builder.start();
    } catch (IOException e) {
      if (HELPER_STOPPED.matcher(String.valueOf(e.getMessage())).find()) {
        throw new InterruptedException("the runner was stopped while it was launched");
      }
      throw e;
    }
  }

  private static Map<String, String> environment(Start start, Path ready) {
    var variables = new java.util.LinkedHashMap<String, String>(start.settings);
    variables.put("MLO_MODELS_DIR", start.models.toString());
    variables.put("MLO_BACKENDS_DIR", start.backends.toString());
    variables.put("MLO_STATE_DIR", start.state.toString());
    variables.put("MLO_HOST", start.host);
    variables.put("MLO_HTTP_PORT", String.valueOf(start.httpPort));
    variables.put(
        "MLO_GRPC_PORT",
        start.grpcPort.isPresent() ? String.valueOf(start.grpcPort.getAsInt()) : "off");
    variables.put("MLO_ADMIN_PORT", String.valueOf(start.adminPort));
    variables.put("MLO_READY_FILE", ready.toString());
    variables.put("MLO_BOUND", "stdin");
    variables.put("MLO_IMAGE", start.image);
    if (start.digest != null) {
      variables.put("MLO_IMAGE_DIGEST", start.digest);
    }
    if (start.token != null) {
      variables.put("MLO_ADMIN_TOKEN_FILE", start.token.toString());
    }
    variables.put("ORT_DISABLE_TELEMETRY", "1");
    return variables;
  }

  private static void awaitReady(Process process, RunnerOutput output, Start start, Path log)
      throws IOException, InterruptedException {
    if (output.awaitReady()) {
      return;
    }
    int code = process.waitFor();
    if (ASKED_TO_STOP.contains(code)) {
      throw new InterruptedException("the runner was stopped while it started");
    }
    List<String> lines = tail(log);
    if (code == RunnerVariables.SENSELESS) {
      throw RunnerSettings.senseless(start.image, lines);
    }
    if (code == CANNOT_LISTEN && !lines.isEmpty()) {
      throw cannotListen(lines.getLast());
    }
    throw Failure.of(ExitCode.REFUSED, "`%s` does not start".formatted(start.image))
        .why(lines.isEmpty() ? List.of("the runner ended without a word, with " + code) : lines)
        .hint("mlo test tells which example is answered wrongly");
  }

  /// @param words the runner's last; they name the address, and the variables of a runner for which
  ///   the command has options
  private static Failure cannotListen(String words) {
    String said = words.replaceFirst("; MLO_.*", "");
    if (said.contains("in use")) {
      return Failure.of(ExitCode.CONFLICT, said)
          .hint(
              "choose another port with --port, --grpc-port and --admin-port; 0 takes any free"
                  + " one");
    }
    return said.contains("denied")
        ? Failure.of(ExitCode.DENIED, said)
            .hint("choose ports above 1023 with --port, --grpc-port and --admin-port")
        : Failure.of(ExitCode.USAGE, said).hint("mlo run --host 127.0.0.1");
  }

  private static List<String> tail(Path log) throws IOException {
    List<String> lines =
        new String(Files.readAllBytes(log), StandardCharsets.UTF_8)
            .lines()
            .filter(line -> !line.isBlank())
            .map(line -> line.strip().replaceFirst("^error: ", ""))
            .toList();
    return lines.subList(Math.max(0, lines.size() - LOG_LINES), lines.size());
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

  public long pid() {
    return process.pid();
  }

  /// What the runner has to say beside its answers.
  public Path log() {
    return log;
  }

  @Override
  public int await() throws InterruptedException {
    return process.waitFor();
  }

  @Override
  public Failure ended(int code) {
    return ServingRunner.endedByItself(code).hint("cat " + log);
  }

  @Override
  public OptionalLong answered() {
    return output.answered();
  }

  /// Stops the runner: it drains first.
  @Override
  public void close() {
    // Process.destroy() would close the pipe on which the runner says what it did.
    process.toHandle().destroy();
    awaitEnd(process, DRAIN);
  }

  private static void awaitEnd(Process process, Duration patience) {
    boolean interrupted = Thread.interrupted();
    try {
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      interrupted = true;
      process.destroyForcibly();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
