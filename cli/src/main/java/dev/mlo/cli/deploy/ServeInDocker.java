package dev.mlo.cli.deploy;

import dev.mlo.cli.docker.DockerEngine;
import dev.mlo.cli.docker.EngineContainers;
import dev.mlo.cli.docker.EngineImages;
import dev.mlo.cli.project.ImageView;
import dev.mlo.cli.project.Images;
import dev.mlo.cli.project.Workspace;
import dev.mlo.contract.ModelCard;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.DockerTag;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// Serves an image in a container of the Docker Engine. Whoever looks for runners finds it like one
/// that runs without.
public final class ServeInDocker {
  /// On the container: the command that started it.
  private static final String COMMAND = "dev.mlo.command";

  /// On the container: the directory with the runner's file.
  private static final String DIRECTORY = "dev.mlo.directory";

  private final DockerEngine engine;
  private final Workspace workspace;
  private final ServeLog log;
  private final CopyLog loading;

  public ServeInDocker(DockerEngine engine, Workspace workspace, ServeLog log, CopyLog loading) {
    this.engine = engine;
    this.workspace = workspace;
    this.log = log;
    this.loading = loading;
  }

  /// @throws dev.mlo.cli.failure.Failure when the image holds no model or its runner does not start
  public Serve.Served start(Images.Located image, Serve.Place place, RunnerSettings settings)
      throws IOException, InterruptedException {
    engine.requireHere();
    ImageView view = ImageView.read(image.source(), image.root());
    ModelCard card = view.model(image.display());
    Path directory = workspace.run().toAbsolutePath().normalize();
    RunnerFile.prepare(directory);
    Serve.sweep(directory);
    sweep(directory);
    EngineImages.Known loaded = load(image, view, card);
    String id = "%s-%d-%s".formatted(card.name(), ProcessHandle.current().pid(), Serve.random(3));
    Path token = directory.resolve(id + ".token");
    boolean serving = false;
    try {
      Serve.writeToken(token);
      log.starting(card);
      ContainerRunner runner =
          ContainerRunner.start(
              engine,
              new ContainerRunner.Start(
                  "mlo-" + id,
                  loaded.id().toString(),
                  place,
                  Files.readString(token),
                  settings.variables(),
                  labels(directory),
                  image.display(),
                  view.image().digest().toString()));
      var served =
          new Serve.Served(
              runner, file(id, image, view, card, runner, token), card, null, directory);
      serving = true;
      served.file().write(directory);
      return served;
    } finally {
      if (!serving) {
        Files.deleteIfExists(token);
      }
    }
  }

  private static RunnerFile file(
      String id,
      Images.Located image,
      ImageView view,
      ModelCard card,
      ContainerRunner runner,
      Path token) {
    return new RunnerFile(
        id,
        ProcessHandle.current().pid(),
        card.name(),
        image.display(),
        view.image().digest().toString(),
        runner.http().toString(),
        runner.grpc().orElse(null),
        runner.admin().toString(),
        token.toString(),
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
  }

  /// Under a name that says which image it is and that no person gives to another one.
  private EngineImages.Known load(Images.Located image, ImageView view, ModelCard card)
      throws IOException {
    EngineImages images = engine.images();
    Optional<EngineImages.Known> there =
        images.find(view.image(), view.manifest().config().digest());
    if (there.isPresent()) {
      return there.get();
    }
    var name = new DockerTag("localhost/" + card.name(), view.image().digest().brief());
    log.loading(image.display(), name.toString());
    return images.load(image.source(), view.image(), name, loading).image();
  }

  private static Map<String, String> labels(Path directory) throws IOException {
    var labels = new LinkedHashMap<String, String>();
    labels.put(COMMAND, command(ProcessHandle.current()));
    labels.put(DIRECTORY, directory.toString());
    return labels;
  }

  /// A process by more than its number, which another one gets one day, on this machine only.
  private static String command(ProcessHandle process) throws IOException {
    long started = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    return "%s:%d:%d".formatted(InetAddress.getLocalHost().getHostName(), process.pid(), started);
  }

  /// Containers of commands of this project that are no more: they end by themselves, but nobody
  /// else removes them.
  private void sweep(Path directory) throws IOException {
    EngineContainers containers = engine.containers();
    String host = InetAddress.getLocalHost().getHostName() + ":";
    for (var container : containers.labelled(COMMAND).entrySet()) {
      String command = container.getValue().getOrDefault(COMMAND, "");
      boolean ours =
          directory.toString().equals(container.getValue().get(DIRECTORY))
              && command.startsWith(host);
      if (ours && !runs(command)) {
        containers.remove(container.getKey());
      }
    }
  }

  private static boolean runs(String command) throws IOException {
    String[] parts = command.split(":", -1);
    if (parts.length != 3 || !parts[1].matches("[0-9]{1,18}")) {
      return true;
    }
    Optional<ProcessHandle> process = ProcessHandle.of(Long.parseLong(parts[1]));
    return process.isPresent() && command(process.get()).equals(command);
  }
}
