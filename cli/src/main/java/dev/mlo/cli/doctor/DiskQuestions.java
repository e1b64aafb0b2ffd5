package dev.mlo.cli.doctor;

import dev.mlo.cli.docker.DockerEngine;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.project.Environment;
import dev.mlo.cli.project.Project;
import dev.mlo.cli.project.Workspace;
import dev.mlo.oci.TempFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Whether there is room, and whether the disk keeps what is written and can link files.
record DiskQuestions(Path directory, @Nullable Project project, Map<String, String> environment) {
  private static final long LITTLE = 2_000_000_000;
  private static final long TOO_LITTLE = 50_000_000;

  List<Check> space() throws IOException {
    Map<String, Path> places = new LinkedHashMap<>();
    places.put("disk of the project", directory);
    Path scratch = DockerEngine.scratch(environment);
    places.put("disk of the cache", scratch.resolveSibling(""));
    places.put("disk of " + temporary(), temporary());
    var checks = new ArrayList<Check>();
    for (var place : places.entrySet()) {
      checks.add(space(place.getKey(), existing(place.getValue())));
    }
    return checks;
  }

  private static Path temporary() {
    return Path.of(System.getProperty("java.io.tmpdir", "/tmp"));
  }

  private static Check space(String name, Path place) throws IOException {
    FileStore store = Files.getFileStore(place);
    long free = store.getUsableSpace();
    String detail = String.format(Locale.ROOT, "%.1f GB free (%s)", free / 1e9, store.type());
    if (store.isReadOnly() || !Files.isWritable(place)) {
      return new Check.Broken(
          name, place + " may not be written", "ls -ld " + place, ExitCode.DENIED);
    }
    if (free < TOO_LITTLE) {
      return new Check.Broken(name, detail, "df -h " + place, ExitCode.UNEXPECTED);
    }
    return free < LITTLE
        ? new Check.Doubtful(name, detail, "mlo gc; df -h " + place)
        : new Check.Fine(name, detail);
  }

  /// The nearest folder that is there.
  private static Path existing(Path wanted) {
    Path place = wanted.toAbsolutePath().normalize();
    while (!Files.isDirectory(place)) {
      place = place.resolve("..").normalize();
    }
    return place;
  }

  /// Tried out in the folder where `mlo` writes, with a file that is gone afterwards, or is swept
  /// like all others there; not before there is such a folder.
  List<Check> durability() throws IOException {
    Path root = Workspace.of(directory).store().resolve("blobs");
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    var checks = new ArrayList<Check>();
    checks.add(trial(root));
    FileStore here = Files.getFileStore(root);
    for (Environment other : project == null ? List.<Environment>of() : project.environments()) {
      Path place = existing(other.store());
      if (!Files.getFileStore(place).equals(here)) {
        checks.add(
            new Check.Doubtful(
                "disk of " + other.name(),
                "another disk than the store's: promoting copies instead of linking",
                "set environments.%s.store to a folder on the same disk".formatted(other.name())));
      }
    }
    return checks;
  }

  private static Check trial(Path root) throws IOException {
    TempFiles names = new TempFiles(root);
    Path file = names.fresh();
    Path link = names.fresh();
    long started = System.nanoTime();
    try {
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        channel.write(ByteBuffer.wrap(new byte[4096]));
        channel.force(true);
      }
      long millis = (System.nanoTime() - started) / 1_000_000;
      try {
        Files.createLink(link, file);
      } catch (IOException | UnsupportedOperationException e) {
        return new Check.Doubtful(
            "durability",
            "this disk cannot link files: each environment keeps its own copy",
            "keep the project on a local disk");
      }
      return new Check.Fine(
          "durability", "writes reach the disk in %d ms; links work".formatted(millis));
    } finally {
      Files.deleteIfExists(link);
      Files.deleteIfExists(file);
    }
  }
}
