import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.stream.Stream;

/// The classes that a runner loads until its first answer, parsed and laid out as Java keeps them
/// in memory (a class-data archive, JEP 310): half of a runner's start is saved. Java itself holds
/// the archive against the size and the time of each jar and goes without where they differ, so it
/// is never stale; it has no machine code, so it fits every processor of the platform.
///
/// Its bytes depend on Java, the jars and the list alone. The time of all files in a layer is 0, so
/// the jars must have that too; and the folder must not be told by its name, which the archive
/// would keep: `/proc/self/cwd` is the same everywhere.
final class ClassArchive {
  static final String NAME = "runner.jsa";

  private final Path runtime;
  private final Path folder;

  /// @param folder with the jars
  ClassArchive(Path runtime, Path folder) {
    this.runtime = runtime;
    this.folder = folder;
  }

  /// @param jar names all others in its manifest
  /// @param classes a list as Java writes it, one class in a line; what it names in vain is skipped
  void write(String jar, Path classes) throws IOException {
    try (Stream<Path> jars = Files.list(folder)) {
      for (Path one : (Iterable<Path>) jars::iterator) {
        Files.setLastModifiedTime(one, FileTime.fromMillis(0));
      }
    }
    List<String> words =
        List.of(
            runtime.resolve("bin/java").toAbsolutePath().toString(),
            "-Xshare:dump",
            "-XX:SharedClassListFile=" + classes.toAbsolutePath(),
            "-XX:SharedArchiveFile=" + NAME,
            "-XX:+UseSerialGC",
            "-Xmx256m",
            "-Xlog:disable",
            "-Xlog:all=error:stderr",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            "/proc/self/cwd/" + jar);
    Process dump = new ProcessBuilder(words).directory(folder.toFile()).inheritIO().start();
    try {
      if (dump.waitFor() != 0 || !Files.exists(folder.resolve(NAME))) {
        throw new IOException("java -Xshare:dump failed");
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
