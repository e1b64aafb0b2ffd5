package dev.mlo.oci;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// An OCI image layout: a directory that holds images by digest and a list of names (OCI image
/// specification, "Image Layout"). Safe for several processes and for a crash at any instant.
public final class LayoutStore implements ImageSource, ImageTarget {
  /// The grammar of `org.opencontainers.image.ref.name`, a little wider.
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:@/+-]{0,254}");

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final int LANES = 4;

  /// Two readers keep a disk and a processor busy; more make the disk seek.
  private static final int LANES_ON_DISK = 2;

  private final LayoutDirectory layout;
  private final Blobs blobs;

  private LayoutStore(LayoutDirectory layout) {
    this.layout = layout;
    this.blobs = new Blobs(layout.blobs());
  }

  /// Opens a layout, creating it when it does not exist.
  ///
  /// @throws StoreException when the directory exists and is something else, or cannot be written
  public static LayoutStore create(Path directory) throws IOException {
    return new LayoutStore(LayoutDirectory.create(directory, PATIENCE));
  }

  /// Opens a layout that must exist.
  ///
  /// @throws NotFoundException when there is none
  public static LayoutStore open(Path directory) throws IOException {
    return new LayoutStore(LayoutDirectory.open(directory, PATIENCE));
  }

  /// Like [#create(Path)], waiting for other processes no longer than this.
  static LayoutStore create(Path directory, Duration patience) throws IOException {
    return new LayoutStore(LayoutDirectory.create(directory, patience));
  }

  public Path directory() {
    return layout.directory();
  }

  @Override
  public Descriptor resolve(String reference) throws IOException {
    LayoutIndex index = layout.index();
    if (Digest.isDigest(reference)) {
      Digest digest = Digest.parse(reference);
      Optional<Descriptor> listed = index.of(digest);
      return listed.isPresent() ? listed.get() : Documents.describe(digest, blobs.read(digest));
    }
    Optional<Descriptor> named = index.named(reference);
    if (named.isEmpty()) {
      throw new NotFoundException(
          "`%s` is not in %s; %s".formatted(reference, describe(), known(index)));
    }
    return named.get();
  }

  private static String known(LayoutIndex index) {
    List<String> names = List.copyOf(index.names().keySet());
    if (names.isEmpty()) {
      return "no image has a name there";
    }
    return names.size() <= 10
        ? "there is " + String.join(", ", names)
        : "there is %s and %d more"
            .formatted(String.join(", ", names.subList(0, 10)), names.size() - 10);
  }

  /// All names and what they point at, sorted by name.
  public Map<String, Descriptor> tags() throws IOException {
    return layout.index().names();
  }

  /// The images that have no name, of tools that give none.
  public List<Descriptor> unnamed() throws IOException {
    return Referrers.unnamed(layout.index(), this);
  }

  /// All entries of the index, with a name and without.
  List<Descriptor> listed() throws IOException {
    return layout.index().all();
  }

  /// Where content lies when it is here.
  Path place(Digest digest) {
    return layout.blobs().resolve(digest.algorithm()).resolve(digest.hex());
  }

  /// Temporary files of processes that are no more.
  List<Path> abandoned() throws IOException {
    return Files.isDirectory(layout.blobs())
        ? new TempFiles(layout.blobs()).abandoned()
        : List.of();
  }

  @Override
  public byte[] manifest(Descriptor descriptor) throws IOException {
    return blobs.read(descriptor);
  }

  @Override
  public InputStream blob(Descriptor descriptor) throws IOException {
    return blobs.open(descriptor);
  }

  @Override
  public Optional<Path> file(Descriptor descriptor) throws IOException {
    return blobs.file(descriptor);
  }

  /// Content that this object has read to its end before is not read again while its file is the
  /// same.
  @Override
  public void verify(Descriptor descriptor) throws IOException {
    blobs.verify(descriptor);
  }

  @Override
  public int readers() {
    return LANES;
  }

  @Override
  public int writers(ImageSource source) {
    return source.place() instanceof LayoutStore ? LANES_ON_DISK : LANES;
  }

  @Override
  public List<Descriptor> referrers(Digest subject) throws IOException {
    return Referrers.of(subject, layout.index(), this);
  }

  @Override
  public boolean has(Descriptor descriptor) throws IOException {
    return blobs.has(descriptor);
  }

  @Override
  public long blob(Descriptor descriptor, ImageSource source) throws IOException {
    return blobs.take(descriptor, source);
  }

  /// Writes a small blob from memory.
  public Descriptor blob(String mediaType, byte[] bytes) throws IOException {
    Descriptor descriptor = Descriptor.of(mediaType, bytes);
    blobs.write(descriptor, bytes);
    return descriptor;
  }

  /// Writes a blob whose digest is known only once its bytes are made: hashed while it is written
  /// to a temporary file, then given its name.
  public Descriptor blob(String mediaType, BlobWriter writer) throws IOException {
    return blobs.write(mediaType, writer);
  }

  @Override
  public long manifest(Descriptor descriptor, byte[] bytes) throws IOException {
    Documents.check(descriptor, bytes);
    return blobs.write(descriptor, bytes);
  }

  /// Artifacts that speak of a subject are listed in `index.json` without a name, so that they are
  /// found as referrers. It is written once for all of them.
  @Override
  public long referrers(Collection<Document> artifacts) throws IOException {
    long written = 0;
    var unlisted = new ArrayList<Descriptor>();
    LayoutIndex before = layout.index();
    for (Document artifact : artifacts) {
      Descriptor descriptor = artifact.descriptor();
      written += manifest(descriptor, artifact.bytes());
      if (Referrers.subject(descriptor, artifact.bytes()).isPresent()) {
        Descriptor listed = Referrers.describe(descriptor, artifact.bytes());
        if (before.of(listed.digest()).filter(listed::equals).isEmpty()) {
          unlisted.add(listed);
        }
      }
    }
    if (unlisted.isEmpty()) {
      return written;
    }
    blobs.files().sync();
    layout.change(index -> {
      LayoutIndex all = index;
      for (Descriptor listed : unlisted) {
        requireWhole(listed);
        all = all.listed(listed);
      }
      return all;
    });
    return written;
  }

  @Override
  public Map<String, Descriptor> attached(Digest subject) throws IOException {
    return Referrers.attached(subject, layout.index());
  }

  @Override
  public void attach(String tag, Descriptor artifact) throws IOException {
    Optional<Descriptor> before = layout.index().named(tag);
    if (before.isEmpty()) {
      tag(tag, artifact);
    } else if (!before.get().digest().equals(artifact.digest())
        && Attachments.isNewer(tag, this, artifact, before.get())) {
      tag(tag, artifact, before.get().digest());
    }
  }

  @Override
  public void tag(String name, Descriptor descriptor) throws IOException {
    check(name, descriptor);
    layout.change(index -> {
      requireWhole(descriptor);
      return index.tagged(name, descriptor);
    });
  }

  /// Points a name at a manifest if it still points where the caller saw it point.
  ///
  /// @param expected the digest the name must have now; `null`: it must not exist
  /// @throws ConflictException when it points elsewhere
  public void tag(String name, Descriptor descriptor, @Nullable Digest expected)
      throws IOException {
    check(name, descriptor);
    layout.change(index -> {
      @Nullable Digest found = index.named(name).map(Descriptor::digest).orElse(null);
      if (!Objects.equals(found, expected)) {
        throw new ConflictException(
            "`%s` in %s points at %s, not at %s"
                .formatted(
                    name,
                    describe(),
                    found == null ? "nothing" : found,
                    expected == null ? "nothing" : expected));
      }
      requireWhole(descriptor);
      return index.tagged(name, descriptor);
    });
  }

  private void check(String name, Descriptor descriptor) throws IOException {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("`" + name + "` is no name for an image in a layout");
    }
    if (!blobs.has(descriptor)) {
      throw new NotFoundException(
          "`%s` cannot point at %s: it is not in %s"
              .formatted(name, descriptor.digest(), describe()));
    }
    blobs.files().sync();
  }

  /// Under the lock: nobody collects between this look and the new entry.
  private void requireWhole(Descriptor descriptor) throws IOException {
    Optional<Descriptor> missing = Reach.missing(descriptor, blobs);
    if (missing.isPresent()) {
      throw new NotFoundException(
          "%s needs %s, which is not in %s; if it was cleaned up meanwhile, run the command again"
              .formatted(descriptor.digest(), missing.get().digest(), describe()));
    }
  }

  /// What [#collect] removed.
  ///
  /// @param files blobs
  /// @param bytes of those that nothing else on the disk shares
  /// @param removed where the blobs lay that were whole
  public record Collected(int files, long bytes, Set<Path> removed) {
    static final Collected NOTHING = new Collected(0, 0, Set.of());

    public Collected {
      removed = Set.copyOf(removed);
    }
  }

  /// Removes what no name leads to. Safe beside other processes: what came within the grace time
  /// stays, because its name may be on its way; and who gives a name looks, under the same lock,
  /// whether all that the image needs is there. A crash at any instant leaves a whole layout, and
  /// the next collection finishes.
  ///
  /// @throws OciException when a document that a name leads to is damaged; then nothing is removed
  public Collected collect(Duration grace) throws IOException {
    Instant young = Instant.now().minus(grace);
    var collected = new AtomicReference<>(Collected.NOTHING);
    layout.change(index -> index.without(Reach.of(index, blobs, young).forsaken()));
    layout.change(index -> {
      collected.set(blobs.sweep(Reach.of(index, blobs, young).digests(), young, false));
      return index;
    });
    return collected.get();
  }

  /// What [#collect] would remove if these names were taken away before.
  public Collected collectable(Duration grace, Collection<String> untagged) throws IOException {
    Instant young = Instant.now().minus(grace);
    LayoutIndex index = layout.index();
    for (String name : untagged) {
      index = index.untagged(name);
    }
    return blobs.sweep(Reach.of(index, blobs, young).digests(), young, true);
  }

  /// Takes a name away, if it still points where the caller saw it point.
  ///
  /// @throws ConflictException when it points elsewhere
  public void untag(String name, Digest expected) throws IOException {
    layout.change(index -> {
      Optional<Descriptor> found = index.named(name);
      if (found.isPresent() && !found.get().digest().equals(expected)) {
        throw new ConflictException(
            "`%s` in %s points at %s now".formatted(name, describe(), found.get().digest()));
      }
      return index.untagged(name);
    });
  }

  @Override
  public String describe() {
    return "oci:" + layout.directory();
  }
}
