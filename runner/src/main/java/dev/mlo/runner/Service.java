package dev.mlo.runner;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.contract.Serving;
import dev.mlo.json.Json;
import dev.mlo.runner.grpc.GrpcPort;
import dev.mlo.runner.grpc.InferenceService;
import dev.mlo.runner.http.AdminApi;
import dev.mlo.runner.http.AdminGate;
import dev.mlo.runner.http.Audit;
import dev.mlo.runner.http.FrontPage;
import dev.mlo.runner.http.HttpPort;
import dev.mlo.runner.http.InferenceApi;
import dev.mlo.runner.http.StatusPage;
import dev.mlo.runner.infer.AccessLog;
import dev.mlo.runner.infer.Inferences;
import dev.mlo.runner.infer.Metrics;
import dev.mlo.runner.model.Backends;
import dev.mlo.runner.model.Durable;
import dev.mlo.runner.slot.Boot;
import dev.mlo.runner.slot.BootException;
import dev.mlo.runner.slot.Slot;
import dev.mlo.runner.slot.SlotLog;
import dev.mlo.runner.slot.State;
import dev.mlo.runner.slot.Swaps;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/// A runner put together: slot, ports and state of one process, from start to drain.
final class Service implements AutoCloseable {
  private static final Duration UPLOAD_SILENCE = Duration.ofSeconds(60);

  /// Held, because the logging of the JDK forgets the level of a logger nobody holds.
  private static final Logger JETTY = Logger.getLogger("org.eclipse.jetty");

  /// What Jetty makes of a request's head. It warns of malformed hosts, in several lines for each,
  /// and writes them on the thread that reads requests.
  private static final List<Logger> MALFORMED =
      List.of(
          Logger.getLogger("org.eclipse.jetty.http"),
          Logger.getLogger("org.eclipse.jetty.util.HostPort"));

  private static final Logger GRPC = Logger.getLogger("io.grpc");

  private final RunnerConfig config;
  private final PrintStream err;
  private final Slot slot = new Slot();
  private final Metrics metrics = new Metrics();
  private final Inferences inferences = new Inferences(slot, metrics);
  private final @Nullable State state;
  private final Swaps swaps;
  private final Boot boot;
  private final AdminApi admin;
  private final AccessLog access;
  private final HttpPort httpPort;
  private final HttpPort adminPort;
  private volatile @Nullable GrpcPort grpcPort;
  private volatile String source = "none";

  /// @param err where warnings, audit lines and what happens to the slot go
  Service(RunnerConfig config, Backends backends, PrintStream err) throws IOException {
    JETTY.setLevel(Level.WARNING);
    MALFORMED.forEach(logger -> logger.setLevel(Level.SEVERE));
    // It warns, with a stack trace, of every message that a client sends too large.
    GRPC.setLevel(Level.SEVERE);
    this.config = config;
    this.err = err;
    this.state = state(config, err);
    SlotLog log = SlotLog.all(List.of(metrics.swaps(), new Resizing(), new Narration(err)));
    this.swaps = new Swaps(slot, state, backends, log, UPLOAD_SILENCE);
    var baked = new Boot.Baked(config.modelsDirectory(), config.image(), config.imageDigest());
    this.boot = new Boot(slot, state, backends, baked, swaps, log);
    String version = Runner.version();
    var page = new StatusPage(version, backends.formats(), () -> source, System.nanoTime());
    var gate = new AdminGate(config.adminToken(), config.adminOpen());
    this.admin = new AdminApi(slot, swaps, metrics, gate, new Audit(err), page);
    this.access = new AccessLog(config.accessLog(), err);
    this.adminPort = admin.on(config.host(), config.adminPort(), access);
    var people = new FrontPage(slot, swaps, metrics, version);
    this.httpPort =
        new InferenceApi(slot, inferences, version, people)
            .on(config.host(), config.httpPort(), access);
  }

  /// Threads and limits follow the version that serves.
  private final class Resizing implements SlotLog {
    @Override
    public void flipped(Serving serving, long nanos) {
      inferences.apply(config.overrides().over(slot.settings()));
    }
  }

  /// A runner that can write nothing still serves; it only cannot take another model.
  private static @Nullable State state(RunnerConfig config, PrintStream err) throws IOException {
    Path directory = config.stateDirectory();
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      err.println("warning: no swaps: `" + directory + "` cannot be written: " + e.getMessage());
      return null;
    }
    if (!Files.isWritable(directory)) {
      err.println("warning: no swaps: `" + directory + "` cannot be written");
      return null;
    }
    return State.open(directory);
  }

  /// Opens the ports, then the model; requests get 503 meanwhile.
  ///
  /// @throws BootException when there is no version that answers its examples
  void start() throws IOException, BootException {
    new Listening("admin", config.host(), config.adminPort(), "MLO_ADMIN_PORT")
        .open(adminPort::start);
    new Listening("REST", config.host(), config.httpPort(), "MLO_HTTP_PORT").open(httpPort::start);
    source = boot.run().name().toLowerCase(Locale.ROOT);
    startGrpc();
    Path ready = config.readyFile();
    if (ready != null) {
      ObjectNode addresses =
          Json.object()
              .put("pid", ProcessHandle.current().pid())
              .put("http", "http://127.0.0.1:" + httpPort.port())
              .put("admin", "http://127.0.0.1:" + adminPort.port());
      if (grpcPort != null) {
        addresses.put("grpc", "127.0.0.1:" + grpcPort());
      }
      Durable.write(ready.toAbsolutePath(), Json.pretty(addresses));
    }
  }

  /// After the model, whose card says how large a message may be.
  private void startGrpc() throws IOException {
    if (config.grpcPort() == RunnerConfig.NO_PORT) {
      return;
    }
    var port =
        new GrpcPort(
            new InetSocketAddress(config.host(), config.grpcPort()),
            new GrpcPort.Limits(inferences.maxRequestBytes()),
            new InferenceService(slot, inferences, Runner.version()),
            inferences.memory(),
            access);
    new Listening("gRPC", config.host(), config.grpcPort(), "MLO_GRPC_PORT").open(port::start);
    grpcPort = port;
  }

  /// @return -1 when there is none
  int grpcPort() {
    GrpcPort port = grpcPort;
    return port == null ? RunnerConfig.NO_PORT : port.port();
  }

  int httpPort() {
    return httpPort.port();
  }

  int adminPort() {
    return adminPort.port();
  }

  /// What serves, for the line a start prints.
  @Nullable Serving serving() {
    return slot.serving(dev.mlo.runner.slot.Role.ACTIVE);
  }

  /// Inference requests since the start, whatever the answer.
  long answered() {
    return metrics.answered();
  }

  /// Not ready, then no new connections, then the answers that are under way, then the end.
  @Override
  public void close() {
    slot.stopping();
    Duration grace =
        Duration.ofMillis(Math.min(inferences.settings().timeoutMillis(), 30_000)).plusSeconds(1);
    GrpcPort grpc = grpcPort;
    if (grpc != null) {
      grpc.stopping();
    }
    httpPort.drain(grace);
    if (grpc != null) {
      grpc.drain(grace);
    }
    swaps.close();
    admin.close();
    adminPort.drain(Duration.ofSeconds(1));
    inferences.close();
    access.close();
    slot.close();
    try {
      if (state != null) {
        state.close();
      }
      if (config.readyFile() != null) {
        Files.deleteIfExists(config.readyFile());
      }
    } catch (IOException e) {
      err.println("warning: " + e);
    }
  }
}
