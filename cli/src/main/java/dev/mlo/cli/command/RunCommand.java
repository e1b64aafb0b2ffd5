package dev.mlo.cli.command;

import dev.mlo.cli.Installation;
import dev.mlo.cli.console.Console;
import dev.mlo.cli.console.CopyNarration;
import dev.mlo.cli.console.ServeNarration;
import dev.mlo.cli.console.ServedReport;
import dev.mlo.cli.deploy.ContainerRunner;
import dev.mlo.cli.deploy.LayerCache;
import dev.mlo.cli.deploy.LocalRunner;
import dev.mlo.cli.deploy.Serve;
import dev.mlo.cli.deploy.ServeInDocker;
import dev.mlo.cli.docker.DockerEngine;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Images;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
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
      names = "--docker",
      description =
          "Run it in a container of the Docker Engine: read-only, without capabilities, removed at"
              + " the end. All other options mean the same.")
  boolean docker;

  @Override
  protected ExitCode run(Console console) throws Exception {
    Serve.Place place;
    try {
      place = new Serve.Place(host, port, OptionalInt.of(grpcPort()), adminPort);
    } catch (IllegalArgumentException e) {
      throw Failure.of(ExitCode.USAGE, String.valueOf(e.getMessage()));
    }
    return docker ? inDocker(console, place) : here(console, place);
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

  private ExitCode here(Console console, Serve.Place place) throws Exception {
    try (Images.Located located = image.open(project, console)) {
      Serve serve =
          new Serve(
              Installation.current().java(),
              LayerCache.ofUser(),
              project.workspace(),
              new ServeNarration(console));
      try (Serve.Served served = serve.start(located, place)) {
        return await(console, served);
      }
    }
  }

  private ExitCode inDocker(Console console, Serve.Place place) throws Exception {
    try (DockerEngine engine = DockerEngine.find(System.getenv());
        Images.Located located = image.open(project, console)) {
      ServeInDocker serve =
          new ServeInDocker(
              engine,
              project.workspace(),
              new ServeNarration(console),
              new CopyNarration(console, CopyNarration.Way.COPY));
      try (Serve.Served served = serve.start(located, place)) {
        return await(console, served);
      }
    }
  }

  private static ExitCode await(Console console, Serve.Served served) throws Exception {
    console.report(new ServedReport(served));
    int code = served.runner().await();
    Failure ended = Failure.of(ExitCode.UNEXPECTED, "the runner ended by itself, with " + code);
    throw switch (served.runner()) {
      case LocalRunner local -> ended.hint("cat " + local.log());
      case ContainerRunner container -> ended.why(container.lastWords());
    };
  }
}
