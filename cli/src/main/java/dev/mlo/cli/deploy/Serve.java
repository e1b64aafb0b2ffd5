package dev.mlo.cli.deploy;

import dev.mlo.cli.project.ImageView;
import dev.mlo.cli.project.Images;
import dev.mlo.cli.project.Workspace;
import dev.mlo.contract.ModelCard;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;

/// Serves an image on this machine: its own runner, its engine and its model, on the installed
/// Java.
public final class Serve {
  private final Path java;
  private final LayerCache cache;
  private final Workspace workspace;
  private final ServeLog log;

  public Serve(Path java, LayerCache cache, Workspace workspace, ServeLog log) {
    this.java = java;
    this.cache = cache;
    this.workspace = workspace;
    this.log = log;
  }

  /// Where to serve; port 0 is any free one.
  public record Place(String host, int httpPort, int adminPort) {
    public Place {
      for (int port : new int[] {httpPort, adminPort}) {
        if (port < 0 || port > 65_535) {
          throw new IllegalArgumentException("`" + port + "` is no port: expected 0 to 65535");
        }
      }
    }
  }

  /// A runner that serves; closing it drains and removes what told of it.
  public record Served(
      LocalRunner runner, RunnerFile file, ModelCard card, Path modelsDirectory, Path directory)
      implements AutoCloseable {
    @Override
    public void close() throws IOException {
      runner.close();
      file.delete(directory);
      LayerCache.delete(directory.resolve(file.id() + ".state"));
    }
  }

  /// @throws dev.mlo.cli.failure.Failure when the image holds no model or its runner does not start
  public Served start(Images.Located image, Place place) throws IOException {
    ImageView view = ImageView.read(image.source(), image.root());
    log.unpacking(image.display());
    RunnerFiles files = RunnerFiles.of(image.source(), view, image.display(), cache);
    Path directory = workspace.run();
    RunnerFile.prepare(directory);
    sweep(directory);
    String id = files.card().name() + "-" + random(3);
    Path state = Files.createDirectory(directory.resolve(id + ".state"));
    Path token = token(directory.resolve(id + ".token"));
    boolean serving = false;
    try {
      log.starting(files.card());
      LocalRunner runner =
          LocalRunner.start(
              new LocalRunner.Start(
                  java,
                  files.runner(),
                  files.backends(),
                  files.models(),
                  state,
                  place.host,
                  place.httpPort,
                  place.adminPort,
                  token,
                  image.display(),
                  view.image().digest().toString()));
      RunnerFile file =
          new RunnerFile(
              id,
              runner.pid(),
              files.card().name(),
              image.display(),
              view.image().digest().toString(),
              runner.http().toString(),
              runner.admin().toString(),
              token.toString(),
              Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
      file.write(directory);
      serving = true;
      return new Served(runner, file, files.card(), files.models(), directory);
    } finally {
      if (!serving) {
        Files.deleteIfExists(token);
        LayerCache.delete(state);
      }
    }
  }

  /// Runners that were killed leave their files; nobody else removes them.
  private static void sweep(Path directory) throws IOException {
    for (RunnerFile file : RunnerFile.all(directory)) {
      if (!file.runs()) {
        file.delete(directory);
        LayerCache.delete(directory.resolve(file.id() + ".state"));
      }
    }
  }

  private static Path token(Path file) throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(file, random(32) + "\n", StandardCharsets.US_ASCII);
  }

  private static String random(int bytes) {
    byte[] noise = new byte[bytes];
    new SecureRandom().nextBytes(noise);
    return HexFormat.of().formatHex(noise);
  }
}
