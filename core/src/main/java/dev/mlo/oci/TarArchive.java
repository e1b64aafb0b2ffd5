package dev.mlo.oci;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.tar.TarFile;
import org.jspecify.annotations.Nullable;

/// A tar that holds an OCI layout, read where it lies: nothing is unpacked. Only plain files and
/// directories with names a layout has are accepted, each once.
public final class TarArchive implements ImageSource, Closeable {
  /// An index of the artifacts that speak of the images. They do not stand in `index.json`, as they
  /// do in a directory: with more than one entry there, podman and skopeo ask which image is meant,
  /// and Docker takes artifacts for images.
  static final String REFERRERS = "mlo.referrers.json";

  private static final Pattern BLOB = Pattern.compile("blobs/(?:sha256|sha512)/[0-9a-f]{64,128}");
  private static final int MAX_ENTRIES = 100_000;
  private static final int MAX_INDEX = 16 << 20;

  private final Path file;
  private final TarFile tar;
  private final Map<String, TarArchiveEntry> entries;
  private final LayoutIndex index;
  private final LayoutIndex listed;

  private TarArchive(Path file, TarFile tar) throws IOException {
    this.file = file;
    this.tar = tar;
    this.entries = entries(file, tar);
    if (!entries.containsKey("oci-layout")) {
      throw new DocumentException(
          file + " is no OCI archive: it has no `oci-layout` (`docker save` writes one since 25)");
    }
    this.index = LayoutIndex.parse(small("index.json"), file + ": index.json");
    this.listed = entries.containsKey(REFERRERS) ? withReferrers() : index;
  }

  /// @throws NotFoundException when there is no such file
  /// @throws DocumentException when it is something else, or a tar that no honest tool writes
  /// @throws StoreException when it cannot be read
  public static TarArchive open(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new NotFoundException("there is no file " + file);
    }
    refuseCompressed(file);
    @Nullable TarFile tar = null;
    @Nullable TarArchive archive = null;
    try {
      tar = new TarFile(file);
      archive = new TarArchive(file, tar);
      return archive;
    } catch (IOException | IllegalArgumentException | ArithmeticException e) {
      throw DocumentException.of("read " + file + " as a tar", e);
    } finally {
      if (archive == null && tar != null) {
        tar.close();
      }
    }
  }

  private static void refuseCompressed(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] magic = in.readNBytes(4);
      boolean gzip = magic.length >= 2 && magic[0] == 0x1f && magic[1] == (byte) 0x8b;
      boolean zstd = magic.length == 4 && magic[0] == 0x28 && magic[3] == (byte) 0xfd;
      if (gzip || zstd) {
        throw new StoreException(
            file + " is compressed; unpack it to a plain tar first",
            null,
            (gzip ? "gunzip -k " : "unzstd ") + file);
      }
    } catch (IOException e) {
      throw StoreException.of("read " + file, e);
    }
  }

  private static Map<String, TarArchiveEntry> entries(Path file, TarFile tar)
      throws DocumentException {
    if (tar.getEntries().size() > MAX_ENTRIES) {
      throw new DocumentException(file + " has more than " + MAX_ENTRIES + " entries");
    }
    var found = new HashMap<String, TarArchiveEntry>();
    for (TarArchiveEntry entry : tar.getEntries()) {
      String name =
          entry.getName().startsWith("./") ? entry.getName().substring(2) : entry.getName();
      check(file, entry, name);
      if (entry.isFile() && found.put(name, entry) != null) {
        throw new DocumentException("%s holds `%s` twice".formatted(file, name));
      }
    }
    return found;
  }

  private static void check(Path file, TarArchiveEntry entry, String name)
      throws DocumentException {
    boolean climbs = name.startsWith("/") || List.of(name.split("/", -1)).contains("..");
    if (climbs) {
      throw new DocumentException("%s is refused: `%s` leads out of it".formatted(file, name));
    }
    byte type = entry.getLinkFlag();
    boolean plain = type == TarConstants.LF_NORMAL || type == TarConstants.LF_OLDNORM;
    if (entry.isSparse() || !(plain || type == TarConstants.LF_DIR)) {
      throw new DocumentException(
          "%s is refused: `%s` is neither a plain file nor a directory".formatted(file, name));
    }
    if (name.startsWith("blobs/") && entry.isFile() && !BLOB.matcher(name).matches()) {
      throw new DocumentException(
          "%s is refused: `%s` is no name for a blob".formatted(file, name));
    }
  }

  private LayoutIndex withReferrers() throws IOException {
    LayoutIndex all = index;
    for (Descriptor referrer : Index.parse(small(REFERRERS)).manifests()) {
      all = all.listed(referrer);
    }
    return all;
  }

  private byte[] small(String name) throws IOException {
    @Nullable TarArchiveEntry entry = entries.get(name);
    if (entry == null || entry.getSize() > MAX_INDEX) {
      throw new DocumentException(
          "%s: `%s` is %s".formatted(file, name, entry == null ? "missing" : "too large"));
    }
    try (InputStream in = tar.getInputStream(entry)) {
      return in.readAllBytes();
    }
  }

  @Override
  public Descriptor resolve(String reference) throws IOException {
    if (Digest.isDigest(reference)) {
      Digest digest = Digest.parse(reference);
      Optional<Descriptor> known = index.of(digest);
      return known.isPresent() ? known.get() : Documents.describe(digest, document(digest));
    }
    return index
        .named(reference)
        .orElseThrow(() -> new NotFoundException("`%s` is not in %s".formatted(reference, file)));
  }

  /// All names and what they point at, sorted by name.
  public Map<String, Descriptor> tags() {
    return index.names();
  }

  /// The images that have no name, of tools that give none.
  public List<Descriptor> unnamed() throws IOException {
    return Referrers.unnamed(index, this);
  }

  private byte[] document(Digest digest) throws IOException {
    @Nullable TarArchiveEntry entry = entries.get(DockerManifest.path(digest));
    if (entry == null) {
      throw new NotFoundException("%s is not in %s".formatted(digest, file));
    }
    return manifest(Descriptor.of("", digest, entry.getSize()));
  }

  @Override
  public byte[] manifest(Descriptor descriptor) throws IOException {
    Documents.bounded(descriptor);
    try (InputStream in = blob(descriptor)) {
      return in.readAllBytes();
    }
  }

  @Override
  public InputStream blob(Descriptor descriptor) throws IOException {
    @Nullable TarArchiveEntry entry = entries.get(DockerManifest.path(descriptor.digest()));
    if (entry == null) {
      throw new NotFoundException("%s is not in %s".formatted(descriptor.digest(), file));
    }
    return new VerifiedStream(tar.getInputStream(entry), descriptor, file.toString());
  }

  @Override
  public Optional<Path> file(Descriptor descriptor) {
    return Optional.empty();
  }

  @Override
  public List<Descriptor> referrers(Digest subject) throws IOException {
    return Referrers.of(subject, listed, this);
  }

  @Override
  public Map<String, Descriptor> attached(Digest subject) throws IOException {
    return Referrers.attached(subject, listed);
  }

  @Override
  public String describe() {
    return "tar:" + file;
  }

  @Override
  public void close() throws IOException {
    tar.close();
  }
}
