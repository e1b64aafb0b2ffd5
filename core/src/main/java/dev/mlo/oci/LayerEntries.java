package dev.mlo.oci;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Objects;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/// The entries of a layer as they come, for those who ask what an image holds. Nothing is unpacked;
/// deletions (`.wh.…`) are entries like others.
public final class LayerEntries {
  /// What an entry is. `OTHER`: a device, a pipe.
  public enum Kind {
    FILE,
    DIRECTORY,
    SYMBOLIC_LINK,
    HARD_LINK,
    OTHER
  }

  /// @param path relative to the root of the image, never on its way out of it
  /// @param target of a symbolic link as it is written; of a hard link a path like `path`; else
  ///   empty
  /// @param size of a file's body
  public record Entry(Kind kind, String path, String target, long size) {}

  /// Looks at one entry after the other. The body need not be read.
  @FunctionalInterface
  public interface Visitor {
    void visit(Entry entry, InputStream body) throws IOException;
  }

  /// What was seen of the layer as a whole.
  ///
  /// @param diffId the digest of the uncompressed tar
  /// @param mediaType what the bytes are, whatever a manifest calls them
  public record Walked(Digest diffId, String mediaType) {}

  private static final int MAX_PATH = 4096;

  private LayerEntries() {}

  /// Reads a tar, plain or gzip, to its end.
  ///
  /// @throws DocumentException when the layer is damaged, hostile or beyond the limits
  public static Walked walk(InputStream layer, LayerReader.Limits limits, Visitor visitor)
      throws IOException {
    BufferedInputStream in = new BufferedInputStream(layer, 1 << 16);
    boolean gzip = LayerReader.isGzip(in);
    HashedInput tar = new HashedInput(gzip ? LayerReader.gunzip(in) : in, limits.bytes());
    try {
      visitAll(tar, limits, visitor);
      tar.drain();
    } catch (IllegalArgumentException e) {
      throw new DocumentException("layer: " + e.getMessage());
    }
    return new Walked(tar.digest(), gzip ? MediaTypes.LAYER_TAR_GZIP : MediaTypes.LAYER_TAR);
  }

  private static void visitAll(HashedInput tar, LayerReader.Limits limits, Visitor visitor)
      throws IOException {
    // Not closed: the stream belongs to the caller, who reads it to its end.
    @SuppressWarnings("resource")
    var in = new TarArchiveInputStream(tar, "UTF-8");
    int entries = 0;
    for (TarArchiveEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
      entries++;
      if (entries > limits.entries()) {
        throw new IllegalArgumentException("it holds more than " + limits.entries() + " entries");
      }
      String path = path(entry.getName());
      if (!path.isEmpty()) {
        visitor.visit(entry(entry, path), in);
      }
    }
  }

  private static Entry entry(TarArchiveEntry entry, String path) {
    String link = Objects.requireNonNullElse(entry.getLinkName(), "");
    return switch (entry.getLinkFlag()) {
      case TarConstants.LF_DIR -> new Entry(Kind.DIRECTORY, path, "", 0);
      case TarConstants.LF_NORMAL, TarConstants.LF_OLDNORM ->
          new Entry(entry.isDirectory() ? Kind.DIRECTORY : Kind.FILE, path, "", entry.getSize());
      case TarConstants.LF_SYMLINK -> new Entry(Kind.SYMBOLIC_LINK, path, link, 0);
      case TarConstants.LF_LINK -> new Entry(Kind.HARD_LINK, path, path(link), 0);
      default -> new Entry(Kind.OTHER, path, "", 0);
    };
  }

  /// Engines take `/a`, `./a` and `a/` for `a`.
  private static String path(String name) {
    if (name.length() > MAX_PATH || name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a path in it is too long");
    }
    var names = new ArrayList<String>();
    for (String part : name.split("/", -1)) {
      if (part.equals("..")) {
        throw new IllegalArgumentException("a path in it leads out of the image");
      }
      if (!part.isEmpty() && !part.equals(".")) {
        names.add(part);
      }
    }
    return String.join("/", names);
  }
}
