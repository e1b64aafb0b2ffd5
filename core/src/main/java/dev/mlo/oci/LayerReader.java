package dev.mlo.oci;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/// Unpacks a layer nobody vouches for. Nothing is written outside the directory, nothing through a
/// link, and no file twice; what is no file, directory or link inside the tree is refused. Owners
/// and times are not taken over; of the mode only read, write and execute are.
public final class LayerReader {
  /// How much a layer may unpack to.
  ///
  /// @param bytes of the uncompressed tar
  public record Limits(long bytes, int entries) {
    public static final Limits DEFAULT = new Limits(1L << 40, 500_000);
  }

  /// What came out.
  ///
  /// @param diffId the digest of the uncompressed tar, to be compared with the image's
  ///   configuration
  /// @param bytes of the files
  public record Unpacked(Digest diffId, long bytes, int entries) {}

  private static final int BUFFER = 1 << 20;

  private final Path root;
  private final Limits limits;
  private final Set<Path> files = new HashSet<>();
  private final Map<Path, Integer> directories = new LinkedHashMap<>();
  private final Map<Path, String> links = new LinkedHashMap<>();

  /// All that is on the disk because of this layer, parents first.
  private final List<Path> made = new ArrayList<>();

  private int entries;
  private long bytes;

  private LayerReader(Path root, Limits limits) {
    this.root = root;
    this.limits = limits;
  }

  /// Unpacks a tar, plain or gzip, into a directory, which is created where it is missing. Several
  /// layers may go into one directory as long as they hold different files. When it fails it takes
  /// back what it unpacked; when the process dies the directory holds a part: unpack into a
  /// temporary one and rename it.
  ///
  /// @throws DocumentException when the layer holds what must not be unpacked
  public static Unpacked unpack(InputStream layer, Path directory, Limits limits)
      throws IOException {
    return hashed(layer, "sha256", directory, limits);
  }

  /// Unpacks a layer of an image and holds it against the diff id of the image's configuration.
  ///
  /// @throws DigestMismatchException when the bytes are not those the configuration names
  public static Unpacked unpack(InputStream layer, Digest diffId, Path directory, Limits limits)
      throws IOException {
    Unpacked unpacked = hashed(layer, diffId.algorithm(), directory, limits);
    if (!unpacked.diffId.equals(diffId)) {
      throw new DigestMismatchException(
          "layer: its content is %s, its image names %s".formatted(unpacked.diffId, diffId));
    }
    return unpacked;
  }

  /// The same for a layer whose blob says at its end whether its bytes were the right ones
  /// ([ImageSource#blob]): where the diff id is the blob's own digest nothing is hashed twice.
  public static Unpacked unpack(
      InputStream blob, Descriptor layer, Digest diffId, Path directory, Limits limits)
      throws IOException {
    BufferedInputStream in = new BufferedInputStream(blob, 1 << 16);
    if (!layer.digest().equals(diffId) || isGzip(in)) {
      return unpack(in, diffId, directory, limits);
    }
    LayerReader reader = read(new LimitedInput(in, limits.bytes), directory, limits);
    return new Unpacked(diffId, reader.bytes, reader.entries);
  }

  private static Unpacked hashed(InputStream layer, String algorithm, Path directory, Limits limits)
      throws IOException {
    HashedInput tar = new HashedInput(decompressed(layer), limits.bytes, algorithm);
    LayerReader reader = read(tar, directory, limits);
    return new Unpacked(tar.digest(), reader.bytes, reader.entries);
  }

  private static LayerReader read(LimitedInput tar, Path directory, Limits limits)
      throws IOException {
    Files.createDirectories(directory);
    LayerReader reader = new LayerReader(directory.toRealPath(), limits);
    boolean done = false;
    try {
      reader.entries(tar);
      tar.drain();
      reader.finish();
      done = true;
    } catch (IllegalArgumentException e) {
      throw new DocumentException("layer: " + e.getMessage());
    } finally {
      if (!done) {
        reader.takeBack();
      }
    }
    return reader;
  }

  private void takeBack() throws IOException {
    for (Path path : made.reversed()) {
      Files.deleteIfExists(path);
    }
  }

  private static InputStream decompressed(InputStream layer) throws IOException {
    BufferedInputStream in = new BufferedInputStream(layer, 1 << 16);
    return isGzip(in) ? gunzip(in) : in;
  }

  static boolean isGzip(BufferedInputStream in) throws IOException {
    in.mark(2);
    boolean gzip = in.read() == 0x1f && in.read() == 0x8b;
    in.reset();
    return gzip;
  }

  static InputStream gunzip(InputStream in) throws IOException {
    return GzipCompressorInputStream.builder()
        .setInputStream(in)
        .setDecompressConcatenated(true)
        .get();
  }

  private void entries(InputStream tar) throws IOException {
    // Not closed: the stream belongs to the caller, who reads it to its end.
    @SuppressWarnings("resource")
    var in = new TarArchiveInputStream(tar, "UTF-8");
    for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
      entries++;
      if (entries > limits.entries) {
        throw new IllegalArgumentException("it holds more than " + limits.entries + " entries");
      }
      if (!(entry.isDirectory() && Set.of("./", ".", "/").contains(entry.getName()))) {
        place(entry, in);
      }
    }
  }

  private void place(TarArchiveEntry entry, InputStream body) throws IOException {
    Path path = LayerPath.ofTar(entry.getName()).below(root);
    parents(path);
    switch (entry.getLinkFlag()) {
      case TarConstants.LF_DIR -> directory(path, entry.getMode());
      case TarConstants.LF_NORMAL, TarConstants.LF_OLDNORM -> file(path, entry, body);
      case TarConstants.LF_SYMLINK -> {
        once(path);
        links.put(path, entry.getLinkName());
      }
      case TarConstants.LF_LINK -> hardLink(path, LayerPath.ofTar(entry.getLinkName()).below(root));
      default ->
          throw new IllegalArgumentException(
              "`%s` is neither file, directory nor link".formatted(root.relativize(path)));
    }
  }

  private void parents(Path path) throws IOException {
    Path parent = path.getParent();
    if (parent != null && !parent.equals(root)) {
      parents(parent);
      if (!directories.containsKey(parent)) {
        directory(parent, 0755);
      }
    }
  }

  private void directory(Path path, int mode) throws IOException {
    if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
      once(path);
      Files.createDirectory(path);
      made.add(path);
    }
    directories.put(path, mode | 0700);
  }

  private void once(Path path) throws IOException {
    if (links.containsKey(path) || Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      throw new IllegalArgumentException(
          "`%s` is there twice, or below something that is no directory"
              .formatted(root.relativize(path)));
    }
  }

  private void hardLink(Path path, Path target) throws IOException {
    once(path);
    if (!files.contains(target)) {
      throw new IllegalArgumentException(
          "`%s` links to something that is no file of this layer".formatted(root.relativize(path)));
    }
    Files.createLink(path, target);
    made.add(path);
    files.add(path);
  }

  private void file(Path path, TarArchiveEntry entry, InputStream body) throws IOException {
    once(path);
    if (entry.isSparse()) {
      throw new IllegalArgumentException("`%s` is a sparse file".formatted(root.relativize(path)));
    }
    try (FileChannel out =
        FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      made.add(path);
      byte[] buffer = new byte[(int) Math.clamp(entry.getSize(), 1L, BUFFER)];
      long left = entry.getSize();
      while (left > 0) {
        int n = body.read(buffer, 0, (int) Math.min(buffer.length, left));
        if (n < 0) {
          throw new IllegalArgumentException("it is cut short");
        }
        write(out, ByteBuffer.wrap(buffer, 0, n));
        left -= n;
        bytes += n;
      }
      out.force(false);
    } catch (FileAlreadyExistsException e) {
      throw new IllegalArgumentException("`%s` is there twice".formatted(root.relativize(path)), e);
    }
    permit(path, entry.getMode() | 0400);
    Files.setLastModifiedTime(path, entry.getLastModifiedTime());
    files.add(path);
  }

  private void write(FileChannel out, ByteBuffer chunk) throws IOException {
    try {
      while (chunk.hasRemaining()) {
        out.write(chunk);
      }
    } catch (IOException e) {
      throw StoreException.of("write to " + root, e);
    }
  }

  /// Links come last, when nothing more is written that could go through them; where they really
  /// lead is asked of the file system.
  private void finish() throws IOException {
    for (var link : links.entrySet()) {
      Path target = Path.of(link.getValue());
      if (target.isAbsolute()) {
        throw new IllegalArgumentException(
            "`%s` links out of the layer".formatted(root.relativize(link.getKey())));
      }
      Files.createSymbolicLink(link.getKey(), target);
      made.add(link.getKey());
    }
    for (Path link : links.keySet()) {
      if (!Files.exists(link) || !link.toRealPath().startsWith(root)) {
        throw new IllegalArgumentException(
            "`%s` links to nothing, or out of the layer".formatted(root.relativize(link)));
      }
    }
    for (var directory : directories.entrySet()) {
      permit(directory.getKey(), directory.getValue());
    }
  }

  private static void permit(Path path, int mode) throws IOException {
    Files.setAttribute(path, "unix:mode", mode & 0777);
  }
}
