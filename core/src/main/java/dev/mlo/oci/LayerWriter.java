package dev.mlo.oci;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/// A layer as an uncompressed tar whose bytes depend on names, modes and contents only: entries
/// sorted by name, modification time 0, owners as numbers, no user names, two empty records at the
/// end. Uncompressed, a layer's blob digest is its diff id, and no compressor's version can change
/// it. Missing parent directories are added with mode 0755 and owner 0:0.
public final class LayerWriter implements BlobWriter {
  /// Who an entry belongs to in the container.
  public record Owner(int user, int group) {
    public static final Owner ROOT = new Owner(0, 0);
  }

  private static final int RECORD = 512;
  private static final int BUFFER = 1 << 20;

  private record Entry(byte type, int mode, Owner owner, String link, long size, BlobWriter body) {}

  private final TreeMap<String, Entry> entries = new TreeMap<>();

  public LayerWriter directory(String path, int mode, Owner owner) {
    return add(path, new Entry(TarConstants.LF_DIR, mode, owner, "", 0, out -> {}));
  }

  public LayerWriter file(String path, int mode, byte[] content) {
    return file(path, mode, content.length, out -> out.write(content));
  }

  /// A file of the disk, `size` bytes long when it was looked at.
  public LayerWriter file(String path, int mode, Path source, long size) {
    return file(path, mode, size, out -> copy(source, out));
  }

  /// A file whose body writes itself; it must write exactly `size` bytes.
  public LayerWriter file(String path, int mode, long size, BlobWriter body) {
    return add(path, new Entry(TarConstants.LF_NORMAL, mode, Owner.ROOT, "", size, body));
  }

  public LayerWriter link(String path, String target) {
    return add(path, new Entry(TarConstants.LF_SYMLINK, 0777, Owner.ROOT, target, 0, out -> {}));
  }

  /// @param path relative to the root of the image, with `/` between names
  private LayerWriter add(String path, Entry entry) {
    LayerPath.parse(path);
    for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      entries.putIfAbsent(
          path.substring(0, slash),
          new Entry(TarConstants.LF_DIR, 0755, Owner.ROOT, "", 0, out -> {}));
    }
    Entry before = entries.put(path, entry);
    if (before != null
        && !(before.type == TarConstants.LF_DIR && entry.type == TarConstants.LF_DIR)) {
      throw new IllegalArgumentException("`" + path + "` is in the layer twice");
    }
    return this;
  }

  /// The bytes [#writeTo] will write.
  public long size() {
    long sum = 2 * RECORD;
    for (var entry : entries.entrySet()) {
      sum += header(entry.getKey(), entry.getValue()).length;
      sum += Math.ceilDiv(entry.getValue().size, RECORD) * RECORD;
    }
    return sum;
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    for (var entry : entries.entrySet()) {
      out.write(header(entry.getKey(), entry.getValue()));
      Exactly body = new Exactly(BlobSink.of(out), entry.getKey(), entry.getValue().size);
      entry.getValue().body.writeTo(body);
      body.end();
      out.write(new byte[(int) Math.floorMod(-entry.getValue().size, (long) RECORD)]);
    }
    out.write(new byte[2 * RECORD]);
  }

  private static byte[] header(String path, Entry entry) {
    String name = entry.type == TarConstants.LF_DIR ? path + "/" : path;
    TarArchiveEntry tar = new TarArchiveEntry(name, entry.type);
    tar.setMode(entry.mode);
    tar.setUserId(entry.owner.user);
    tar.setGroupId(entry.owner.group);
    tar.setUserName("");
    tar.setGroupName("");
    tar.setModTime(0L);
    tar.setSize(entry.size);
    tar.setLinkName(entry.link);
    var bytes = new ByteArrayOutputStream(2 * RECORD);
    try {
      // Never closed: only its header is wanted, and closing would add a body and an end.
      @SuppressWarnings("resource")
      var writer = new TarArchiveOutputStream(bytes, RECORD, StandardCharsets.UTF_8.name());
      writer.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      writer.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
      writer.setAddPaxHeadersForNonAsciiNames(true);
      writer.putArchiveEntry(tar);
      writer.flush();
    } catch (IOException e) {
      throw new IllegalArgumentException("`" + path + "` has no tar header", e);
    }
    return bytes.toByteArray();
  }

  private static void copy(Path source, OutputStream out) throws IOException {
    byte[] buffer = new byte[BUFFER];
    try (InputStream in = Files.newInputStream(source)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        out.write(buffer, 0, n);
      }
    }
  }

  /// Passes on as many bytes as the header announced, no more and no fewer.
  private static final class Exactly extends BlobSink {
    private final BlobSink out;
    private final String path;
    private final long size;
    private long written;

    Exactly(BlobSink out, String path, long size) {
      this.out = out;
      this.path = path;
      this.size = size;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      written += length;
      if (written > size) {
        throw changed();
      }
      out.write(bytes, offset, length);
    }

    @Override
    public int take(FileChannel file, MessageDigest beside) throws IOException {
      int n = out.take(file, beside);
      written += Math.max(n, 0);
      if (written > size) {
        throw changed();
      }
      return n;
    }

    void end() throws StoreException {
      if (written != size) {
        throw changed();
      }
    }

    private StoreException changed() {
      return new StoreException(
          "`%s` changed while it was read: it had %d bytes, now it has %s"
              .formatted(path, size, written > size ? "more" : written));
    }
  }
}
