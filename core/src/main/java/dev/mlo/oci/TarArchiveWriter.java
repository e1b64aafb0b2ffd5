package dev.mlo.oci;

import dev.mlo.json.Json;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.jspecify.annotations.Nullable;

/// Writes one tar that is an OCI archive and, by its extra `manifest.json`, something `docker load`
/// takes (Docker 20.10 and later). The bytes depend on what is copied into it and on the names, on
/// no clock and no user. A file has its name only once [#finish()] has made it complete.
public final class TarArchiveWriter implements ImageTarget, Closeable {
  private static final int RECORD = 512;
  private static final int DIRECTORY = 040755;
  private static final int FILE = 0100444;

  private final String place;
  private final @Nullable Path file;
  private final @Nullable Path temporary;
  private final @Nullable FileChannel channel;
  private final OutputStream out;
  private final TarArchiveOutputStream tar;
  private final Set<String> directories = new HashSet<>();
  private final Set<Digest> written = new HashSet<>();
  private final Set<Digest> known;
  private final Map<Digest, byte[]> documents = new LinkedHashMap<>();
  private final Map<String, Descriptor> names = new TreeMap<>();
  private final Map<Digest, Descriptor> referrers = new LinkedHashMap<>();
  private boolean finished;

  private TarArchiveWriter(
      String place,
      @Nullable Path file,
      @Nullable Path temporary,
      @Nullable FileChannel channel,
      OutputStream out,
      Set<Digest> known)
      throws IOException {
    this.known = Set.copyOf(known);
    this.place = place;
    this.file = file;
    this.temporary = temporary;
    this.channel = channel;
    this.out = new StoreOutput(out, place);
    this.tar = new TarArchiveOutputStream(this.out, RECORD, "UTF-8");
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    put("oci-layout", Json.compact(Json.object().put("imageLayoutVersion", "1.0.0")));
  }

  /// Into a file, which is replaced as a whole.
  public static TarArchiveWriter create(Path file) throws IOException {
    Path absolute = file.toAbsolutePath().normalize();
    @Nullable Path parent = absolute.getParent();
    if (parent == null || Files.isDirectory(absolute)) {
      throw new StoreException(
          absolute + " is a directory, not a tar file",
          null,
          "name a file in it: tar:" + file.resolve("image.tar"));
    }
    TempFiles temporaries = new TempFiles(parent);
    temporaries.sweep();
    Path temporary = temporaries.fresh();
    try {
      FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 20);
      return new TarArchiveWriter("tar:" + file, absolute, temporary, channel, out, Set.of());
    } catch (IOException e) {
      throw StoreException.of("write " + absolute, e);
    }
  }

  /// Into a stream, such as a pipe to `docker load`; the stream stays open.
  ///
  /// @param known blobs that whoever reads the stream has already: they are named, not written
  public static TarArchiveWriter to(OutputStream out, String place, Set<Digest> known)
      throws IOException {
    return new TarArchiveWriter(place, null, null, null, out, known);
  }

  @Override
  public boolean has(Descriptor descriptor) {
    return written.contains(descriptor.digest()) || known.contains(descriptor.digest());
  }

  @Override
  public long blob(Descriptor descriptor, ImageSource source) throws IOException {
    if (has(descriptor)) {
      return 0;
    }
    if (descriptor.size() <= Documents.MAX_SIZE) {
      put(
          DockerManifest.path(descriptor.digest()),
          source.read(descriptor, InputStream::readAllBytes));
    } else {
      stream(descriptor, source);
    }
    written.add(descriptor.digest());
    return descriptor.size();
  }

  /// What is in the tar cannot be taken back: a large blob gets one try.
  private void stream(Descriptor descriptor, ImageSource source) throws IOException {
    try (InputStream in = source.blob(descriptor)) {
      open(DockerManifest.path(descriptor.digest()), descriptor.size());
      VerifiedStream.transfer(in, tar, descriptor.size());
      tar.closeArchiveEntry();
    }
  }

  @Override
  public long manifest(Descriptor descriptor, byte[] bytes) throws IOException {
    Documents.check(descriptor, bytes);
    if (MediaTypes.isManifest(descriptor.mediaType())) {
      refuseForeign(Manifest.parse(bytes));
    }
    if (has(descriptor)) {
      return 0;
    }
    put(DockerManifest.path(descriptor.digest()), bytes);
    written.add(descriptor.digest());
    documents.put(descriptor.digest(), bytes);
    return bytes.length;
  }

  /// Whoever gets the tar gets nothing else: an image that lacks a layer cannot be run.
  private void refuseForeign(Manifest manifest) throws DocumentException {
    for (Descriptor layer : manifest.layers()) {
      if (MediaTypes.isForeign(layer.mediaType())) {
        throw new DocumentException(
            "cannot write %s: the layer %s may not be given away (`%s`)"
                .formatted(place, layer.digest(), layer.mediaType()));
      }
    }
  }

  @Override
  public long referrers(Collection<Document> artifacts) throws IOException {
    long bytes = 0;
    for (Document artifact : artifacts) {
      Descriptor descriptor = artifact.descriptor();
      bytes += manifest(descriptor, artifact.bytes());
      if (Referrers.subject(descriptor, artifact.bytes()).isPresent()) {
        referrers.put(descriptor.digest(), Referrers.describe(descriptor, artifact.bytes()));
      }
    }
    return bytes;
  }

  /// Like the referrers these have no place in `index.json`.
  @Override
  public void attach(String tag, Descriptor artifact) {
    referrers.put(artifact.digest(), artifact.bare().with(Descriptor.REF_NAME, tag));
  }

  @Override
  public void tag(String name, Descriptor descriptor) throws IOException {
    if (!has(descriptor)) {
      throw new NotFoundException(
          "`%s` cannot point at %s: it is not in %s".formatted(name, descriptor.digest(), place));
    }
    names.put(name, descriptor);
  }

  /// Writes the names and makes the file appear.
  public void finish() throws IOException {
    LayoutIndex index = LayoutIndex.empty();
    for (var name : names.entrySet()) {
      index = index.tagged(name.getKey(), name.getValue());
    }
    put("index.json", index.write());
    put("manifest.json", DockerManifest.of(names, documents));
    if (!referrers.isEmpty()) {
      List<Descriptor> list = List.copyOf(referrers.values());
      put(TarArchive.REFERRERS, new Index(MediaTypes.INDEX, list, Map.of()).write());
    }
    try {
      tar.finish();
      out.flush();
      publish();
    } catch (IOException e) {
      throw StoreException.of("write " + place, e);
    }
    finished = true;
  }

  private void publish() throws IOException {
    if (file != null && temporary != null && channel != null) {
      channel.force(true);
      channel.close();
      Files.move(
          temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      BlobDirectory.force(Objects.requireNonNull(file.getParent()));
    }
  }

  private void put(String path, byte[] bytes) throws IOException {
    open(path, bytes.length);
    tar.write(bytes);
    tar.closeArchiveEntry();
  }

  private void open(String path, long size) throws IOException {
    for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', slash + 1)) {
      if (directories.add(path.substring(0, slash))) {
        tar.putArchiveEntry(entry(path.substring(0, slash + 1), 0, DIRECTORY));
        tar.closeArchiveEntry();
      }
    }
    tar.putArchiveEntry(entry(path, size, FILE));
  }

  private static TarArchiveEntry entry(String path, long size, int mode) {
    TarArchiveEntry entry = new TarArchiveEntry(path);
    entry.setSize(size);
    entry.setMode(mode);
    entry.setModTime(0);
    entry.setIds(0, 0);
    entry.setNames("", "");
    return entry;
  }

  @Override
  public String describe() {
    return place;
  }

  /// Without [#finish()] before: drops what was written.
  @Override
  public void close() throws IOException {
    if (!finished && channel != null) {
      channel.close();
    }
    if (!finished && temporary != null) {
      Files.deleteIfExists(temporary);
    }
  }
}
