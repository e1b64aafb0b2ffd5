package dev.mlo.cli.command;

import dev.mlo.cli.Installation;
import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.CopyNarration;
import dev.mlo.cli.console.ServeNarration;
import dev.mlo.cli.console.ServedReport;
import dev.mlo.cli.deploy.LayerCache;
import dev.mlo.cli.deploy.RunnerSettings;
import dev.mlo.cli.deploy.Serve;
import dev.mlo.cli.deploy.ServeInDocker;
import dev.mlo.cli.docker.DockerEngine;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Images;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "run",
    description = "Serve an image on this machine, by the Open Inference Protocol.",
    footer = {
      "",
      "Ctrl-C drains and stops. `mlo swap` replaces the model while it serves.",
      "",
      "Examples:",
      "  mlo run",
      "  mlo run iris:1.0.0 --port 0 --admin-port 0 -o json",
      "  mlo run iris:1.0.0 -e MLO_WORKERS=2 -e MLO_ACCESS_LOG=all",
      "  mlo run iris:1.0.0 --docker"
    })
public final class RunCommand extends Verb {
  @Mixin ProjectOptions project = new ProjectOptions();
  @Mixin ImageArgument image = new ImageArgument();

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = "The address to listen on (default: ${DEFAULT-VALUE}; 0.0.0.0: every one).")
  String host = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "8080",
      description = "REST inference; 0 takes a free one (default: ${DEFAULT-VALUE}).")
  int port;

  @Option(
      names = "--grpc-port",
      paramLabel = "PORT",
      description =
          "gRPC inference; 0 takes a free one (default: the one after --port, or a free one where"
              + " that is taken).")
  @Nullable Integer grpcPort;

  @Option(
      names = "--admin-port",
      paramLabel = "PORT",
      defaultValue = "8082",
      description = "Swap, status and metrics; 0 takes a free one (default: ${DEFAULT-VALUE}).")
  int adminPort;

  @Option(
      names = {"-e", "--variable"},
      paramLabel = "NAME=VALUE",
      completionCandidates = SettingNames.class,
      description =
          "A variable for the runner, as docker run -e gives it; NAME alone takes the value it has"
              + " here. Of MLO_WORKERS, MLO_QUEUE, MLO_TIMEOUT_MS, MLO_MAX_REQUEST_BYTES,"
              + " MLO_BATCH_MAX, MLO_BATCH_DELAY_MS and MLO_ACCESS_LOG those in the environment go"
              + " along by themselves. May be repeated.")
  List<String> variables = new ArrayList<>();

  @Option(
      names = "--docker",
      description =
          "Run it in a container of the Docker Engine: read-only, without capabilities, removed at"
              + " the end. All other options mean the same.")
  boolean docker;

  /// What a person may begin to type after `-e`.
  static final class SettingNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return RunnerSettings.names().stream().map(name -> name + "=").iterator();
    }
  }

  @Override
  protected ExitCode run(Console console) throws Exception {
    Serve.Place place;
    try {
      place = new Serve.Place(host, port, OptionalInt.of(grpcPort()), adminPort);
    } catch (IllegalArgumentException e) {
      throw Failure.of(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
    RunnerSettings settings = RunnerSettings.of(System.getenv(), variables);
    return docker ? inDocker(console, place, settings) : here(console, place, settings);
  }

  /// So that a second runner beside a first one needs no third option.
  private int grpcPort() {
    if (grpcPort != null) {
      return grpcPort;
    }
    if (port == 0 || port == 65_535 || port + 1 == adminPort) {
      return 0;
    }
    try (var probe = new ServerSocket()) {
      probe.bind(new InetSocketAddress(host, port + 1));
      return port + 1;
    } catch (IOException | IllegalArgumentException e) {
      return 0;
    }
  }

  private ExitCode here(Console console, Serve.Place place, RunnerSettings settings)
      throws Exception {
    try (Images.Located located = image.open(project, console)) {
      Serve serve =
          new Serve(
              Installation.current().java(),
              LayerCache.ofUser(),
              project.workspace(),
              new ServeNarration(console));
      try (Serve.Served served = serve.start(located, place, settings)) {
        return await(console, served);
      }
    }
  }

  private ExitCode inDocker(Console console, Serve.Place place, RunnerSettings settings)
      throws Exception {
    try (DockerEngine engine = DockerEngine.find(System.getenv());
        Images.Located located = image.open(project, console)) {
      ServeInDocker serve =
          new ServeInDocker(
              engine,
              project.workspace(),
              new ServeNarration(console),
              new CopyNarration(console, CopyNarration.Way.COPY));
      try (Serve.Served served = serve.start(located, place, settings)) {
        return await(console, served);
      }
    }
  }

  private static ExitCode await(Console console, Serve.Served served) throws Exception {
    console.report(new ServedReport(served));
    boolean asked = served.untilStopped(new ServeNarration(console));
    return asked ? ExitCode.INTERRUPTED : ExitCode.DONE;
  }
}
