package dev.mlo.cli.deploy;

import dev.mlo.cli.failure.Failure;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import dev.mlo.oci.TempFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A runner that was started here: `.mlo/run/ID.json`, readable by its owner only; its token lies
/// beside it in `ID.token`.
///
/// @param id names the two files
/// @param model the model's name
/// @param image what a person called the image
/// @param digest of the image's manifest
/// @param http the URL of the inference port
/// @param grpc host and port of the gRPC service; `null` when there is none
/// @param admin the URL of the admin port
/// @param tokenFile absolute; for people and scripts, `mlo` itself reads `ID.token`
/// @param startedAt UTC, ISO 8601
public record RunnerFile(
    String id,
    long pid,
    String model,
    String image,
    String digest,
    String http,
    @Nullable String grpc,
    String admin,
    String tokenFile,
    String startedAt) {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,127}");
  private static final String SUFFIX = ".json";
  private static final int MAX_BYTES = 1 << 16;

  public RunnerFile {
    if (!ID.matcher(id).matches()) {
      throw new IllegalArgumentException("`" + id + "` is no name of a runner");
    }
  }

  /// Where the token of a runner lies. Never what a file claims: a directory that came with a
  /// project must not be able to have other files sent somewhere.
  Path token(Path directory) {
    return directory.resolve(id + ".token");
  }

  /// Makes the directory for runner files if need be: 0700.
  static void prepare(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
  }

  /// Writes the file whole or not at all: 0600.
  void write(Path directory) throws IOException {
    prepare(directory);
    TempFiles temporaries = new TempFiles(directory);
    temporaries.sweep();
    Path temporary =
        Files.createFile(
            temporaries.fresh(),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try {
      try (FileChannel out = FileChannel.open(temporary, EnumSet.of(StandardOpenOption.WRITE))) {
        ByteBuffer bytes = ByteBuffer.wrap(Json.pretty(this));
        while (bytes.hasRemaining()) {
          out.write(bytes);
        }
        out.force(true);
      }
      Files.move(temporary, directory.resolve(id + SUFFIX), StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /// Removes both files.
  void delete(Path directory) throws IOException {
    Files.deleteIfExists(directory.resolve(id + SUFFIX));
    Files.deleteIfExists(token(directory));
  }

  /// The runners described in a directory, oldest first; files that describe none are skipped.
  public static List<RunnerFile> all(Path directory) throws IOException {
    var found = new ArrayList<RunnerFile>();
    if (Files.isDirectory(directory)) {
      try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
        for (Path file : files) {
          @Nullable RunnerFile runner = read(file);
          if (runner != null) {
            found.add(runner);
          }
        }
      }
    }
    found.sort(Comparator.comparing(RunnerFile::startedAt).thenComparing(RunnerFile::id));
    return List.copyOf(found);
  }

  private static @Nullable RunnerFile read(Path file) throws IOException {
    String name = String.valueOf(file.getFileName());
    try {
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > MAX_BYTES) {
        return null;
      }
      RunnerFile runner = Json.parse(Files.readAllBytes(file), RunnerFile.class);
      boolean complete =
          (runner.id + SUFFIX).equals(name)
              && runner.model != null
              && runner.startedAt != null
              && isHere(runner.admin)
              && isHere(runner.http);
      return complete ? runner : null;
    } catch (JsonFormatException | NoSuchFileException e) {
      return null;
    }
  }

  /// A runner that was started here listens here. A file that says otherwise came with the project
  /// and would have models sent to a stranger.
  private static boolean isHere(@Nullable String url) {
    if (url == null) {
      return false;
    }
    try {
      return RunnerTarget.isLoopback(RunnerTarget.url(url));
    } catch (Failure e) {
      return false;
    }
  }

  /// Whether its process runs.
  public boolean runs() {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }
}
