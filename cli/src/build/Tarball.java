import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/// A folder as `.tar.gz` whose bytes depend on the files' contents alone: sorted, owned by nobody,
/// one time, two modes.
final class Tarball {
  private final Instant time;

  Tarball(Instant time) {
    this.time = time;
  }

  void write(Path folder, String prefix, Path to) throws IOException {
    Path unfinished = to.resolveSibling(to.getFileName() + ".part");
    try (OutputStream file = Files.newOutputStream(unfinished);
        OutputStream gzip = new Gzip(file);
        TarArchiveOutputStream tar =
            new TarArchiveOutputStream(new BufferedOutputStream(gzip, 1 << 16));
        Stream<Path> all = Files.walk(folder)) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (Path path : (Iterable<Path>) all.sorted()::iterator) {
        add(tar, path, path.equals(folder) ? prefix : prefix + "/" + folder.relativize(path));
      }
    }
    Files.move(
        unfinished,
        to,
        java.nio.file.StandardCopyOption.REPLACE_EXISTING,
        java.nio.file.StandardCopyOption.ATOMIC_MOVE);
  }

  private void add(TarArchiveOutputStream tar, Path path, String name) throws IOException {
    TarArchiveEntry entry;
    if (Files.isSymbolicLink(path)) {
      entry = new TarArchiveEntry(name, TarArchiveEntry.LF_SYMLINK);
      entry.setLinkName(Files.readSymbolicLink(path).toString());
      entry.setMode(0777);
    } else if (Files.isDirectory(path)) {
      entry = new TarArchiveEntry(name + "/");
      entry.setMode(0755);
    } else {
      entry = new TarArchiveEntry(name);
      entry.setSize(Files.size(path));
      entry.setMode(Files.isExecutable(path) ? 0755 : 0644);
    }
    entry.setLastModifiedTime(java.nio.file.attribute.FileTime.from(time));
    entry.setIds(0, 0);
    entry.setNames("", "");
    tar.putArchiveEntry(entry);
    if (entry.isFile()) {
      Files.copy(path, tar);
    }
    tar.closeArchiveEntry();
  }

  /// Fast, since the tarball is made at every build: a fifth larger than at the usual level, in a
  /// third of the time.
  private static final class Gzip extends GZIPOutputStream {
    Gzip(OutputStream out) throws IOException {
      super(out, 1 << 16);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }
}
