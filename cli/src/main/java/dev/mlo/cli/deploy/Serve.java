package dev.mlo.cli.deploy;

import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.ImageView;
import dev.mlo.cli.project.Images;
import dev.mlo.cli.project.Workspace;
import dev.mlo.contract.ModelCard;
import dev.mlo.oci.TempFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Serves an image on this machine: its own runner, its engine and its model, on the installed
/// Java.
public final class Serve {
  private static final String STATE = ".state";
  private static final String TOKEN = ".token";

  /// What a command makes before its runner serves; its name says which process that is.
  private static final Pattern STARTING =
      Pattern.compile("(?<id>.+-(?<pid>[0-9]{1,18})-[0-9a-f]{6})\\.(state|token)");

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
  ///
  /// @param grpcPort empty: no gRPC
  public record Place(String host, int httpPort, OptionalInt grpcPort, int adminPort) {
    public Place {
      for (int port : new int[] {httpPort, grpcPort.orElse(0), adminPort}) {
        if (port < 0 || port > 65_535) {
          throw new IllegalArgumentException("`" + port + "` is no port: expected 0 to 65535");
        }
      }
    }
  }

  /// A runner that serves; closing it drains and removes what told of it.
  ///
  /// @param modelsDirectory the model and its examples as files; `null` when they lie in a
  ///   container
  public record Served(
      ServingRunner runner,
      RunnerFile file,
      ModelCard card,
      @Nullable Path modelsDirectory,
      Path directory)
      implements AutoCloseable {
    /// Waits until this command or its runner is asked to stop, and until the runner has answered
    /// what was under way.
    ///
    /// @return whether it was the command
    /// @throws Failure UNEXPECTED when the runner ends otherwise
    public boolean untilStopped(ServeLog log) throws IOException {
      boolean asked = false;
      try {
        int code = runner.await();
        if (!ServingRunner.ASKED_TO_STOP.contains(code)) {
          throw runner.ended(code);
        }
      } catch (InterruptedException e) {
        asked = true;
        runner.close();
      }
      log.stopped(runner.answered());
      return asked;
    }

    @Override
    public void close() throws IOException {
      runner.close();
      file.delete(directory);
      TempFiles.delete(directory.resolve(file.id() + STATE));
    }
  }

  /// @throws Failure when the image holds no model or its runner does not start
  public Served start(Images.Located image, Place place, RunnerSettings settings)
      throws IOException, InterruptedException {
    ImageView view = ImageView.read(image.source(), image.root());
    log.unpacking(image.display());
    RunnerFiles files = RunnerFiles.of(image.source(), view, image.display(), cache);
    Path directory = workspace.run();
    RunnerFile.prepare(directory);
    sweep(directory);
    String id = "%s-%d-%s".formatted(files.card().name(), ProcessHandle.current().pid(), random(3));
    Path state = directory.resolve(id + STATE);
    Path token = directory.resolve(id + TOKEN);
    boolean serving = false;
    try {
      Files.createDirectory(state);
      writeToken(token);
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
                  place.grpcPort,
                  place.adminPort,
                  token,
                  settings.variables(),
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
              runner.grpc().orElse(null),
              runner.admin().toString(),
              token.toString(),
              Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
      file.write(directory);
      serving = true;
      return new Served(runner, file, files.card(), files.models(), directory);
    } finally {
      if (!serving) {
        Files.deleteIfExists(token);
        TempFiles.delete(state);
      }
    }
  }

  /// Runners that were killed leave their files, and so do commands that were killed before their
  /// runner served; nobody else removes them.
  static void sweep(Path directory) throws IOException {
    var described = new HashSet<String>();
    for (RunnerFile file : RunnerFile.all(directory)) {
      if (file.runs()) {
        described.add(file.id());
      } else {
        file.delete(directory);
        TempFiles.delete(directory.resolve(file.id() + STATE));
      }
    }
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(directory, "*{" + STATE + "," + TOKEN + "}")) {
      for (Path file : files) {
        Matcher starting = STARTING.matcher(String.valueOf(file.getFileName()));
        if (starting.matches()
            && !described.contains(starting.group("id"))
            && ProcessHandle.of(Long.parseLong(starting.group("pid"))).isEmpty()) {
          TempFiles.delete(file);
        }
      }
    }
  }

  static void writeToken(Path file) throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, random(32) + "\n", StandardCharsets.US_ASCII);
  }

  static String random(int bytes) {
    byte[] noise = new byte[bytes];
    new SecureRandom().nextBytes(noise);
    return HexFormat.of().formatHex(noise);
  }
}
