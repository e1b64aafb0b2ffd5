package dev.mlo.oci;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Everything an image consists of, and everything said of it, each digest once. Built from the
/// documents alone, before a byte of content moves.
final class Closure {
  private static final int MAX_DEPTH = 32;
  private static final int MAX_DOCUMENTS = 4_096;
  private static final int MAX_BLOBS = 100_000;

  private final ImageSource source;
  private final Map<Digest, Document> image = new LinkedHashMap<>();
  private final Map<Digest, Document> said = new LinkedHashMap<>();
  private final Map<Digest, Descriptor> blobs = new LinkedHashMap<>();
  private final Map<Digest, Descriptor> foreign = new LinkedHashMap<>();
  private final Map<String, Descriptor> tags = new LinkedHashMap<>();
  private final Map<Digest, Long> sizes = new LinkedHashMap<>();

  /// Documents whose referrers were not looked for yet.
  private final List<Descriptor> unasked = new ArrayList<>();

  private Closure(ImageSource source) {
    this.source = source;
  }

  /// @throws NotFoundException when a document is missing
  /// @throws DocumentException when one is malformed, nested too deep, or there are too many
  static Closure of(ImageSource source, Descriptor root) throws IOException {
    Closure closure = new Closure(source);
    closure.visit(root, 0, closure.image);
    closure.followReferrers();
    return closure;
  }

  /// Children before whoever lists them, the root last.
  Collection<Document> image() {
    return image.values();
  }

  /// Artifacts about the image or about one another; what is spoken of comes first.
  Collection<Document> referrers() {
    return said.values();
  }

  Collection<Descriptor> blobs() {
    return blobs.values();
  }

  /// Layers that are not ours to give away: they stay where their `urls` say.
  Collection<Descriptor> foreign() {
    return foreign.values();
  }

  /// What cosign says of the manifests of the image, by its tags.
  Map<String, Descriptor> tags() {
    return tags;
  }

  /// Bytes of everything that moves.
  long size() {
    return sizes.values().stream().mapToLong(Long::longValue).sum();
  }

  private void followReferrers() throws IOException {
    while (!unasked.isEmpty()) {
      List<Digest> subjects = unasked.stream().map(Descriptor::digest).toList();
      unasked.clear();
      for (var spoken : Lanes.all(subjects, source.readers(), source::referrers).entrySet()) {
        for (Descriptor referrer : spoken.getValue()) {
          visit(referrer, 0, said);
        }
        if (image.containsKey(spoken.getKey())) {
          for (var attached : source.attached(spoken.getKey()).entrySet()) {
            visit(attached.getValue(), 0, said);
            tags.put(attached.getKey(), attached.getValue());
          }
        }
      }
    }
  }

  private void sized(Descriptor content) throws DocumentException {
    @Nullable Long size = sizes.put(content.digest(), content.size());
    if (size != null && size != content.size()) {
      throw new DocumentException(
          "%s is listed with %d and with %d bytes"
              .formatted(content.digest(), size, content.size()));
    }
  }

  /// Whether a document was read before. What was copied as a mere blob does not count: a manifest
  /// that somebody also lists as a blob is still one.
  private boolean known(Descriptor descriptor) throws DocumentException {
    @Nullable Document before = image.get(descriptor.digest());
    before = before == null ? said.get(descriptor.digest()) : before;
    if (before == null) {
      return false;
    }
    Documents.agree(before.descriptor(), descriptor);
    return true;
  }

  private void visit(Descriptor descriptor, int depth, Map<Digest, Document> into)
      throws IOException {
    sized(descriptor);
    if (known(descriptor)) {
      return;
    }
    if (depth > MAX_DEPTH) {
      throw new DocumentException(
          "%s lies more than %d indexes deep".formatted(descriptor.digest(), MAX_DEPTH));
    }
    if (image.size() + said.size() >= MAX_DOCUMENTS) {
      throw new DocumentException("the image has more than " + MAX_DOCUMENTS + " manifests");
    }
    byte[] bytes = source.manifest(descriptor);
    Documents.agree(descriptor, Documents.parse(descriptor.digest(), bytes));
    if (MediaTypes.isIndex(descriptor.mediaType())) {
      visitChildren(Index.parse(bytes), depth, into);
    } else {
      Manifest manifest = Manifest.parse(bytes);
      add(manifest.config());
      for (Descriptor layer : manifest.layers()) {
        add(layer);
      }
    }
    into.put(descriptor.digest(), new Document(descriptor, bytes));
    unasked.add(descriptor);
  }

  private void visitChildren(Index index, int depth, Map<Digest, Document> into)
      throws IOException {
    for (Descriptor child : index.manifests()) {
      if (MediaTypes.isIndex(child.mediaType()) || MediaTypes.isManifest(child.mediaType())) {
        visitChild(child, depth, into);
      } else {
        add(child);
      }
    }
  }

  /// An index may promise more platforms than its place holds; half of an image is not copied.
  private void visitChild(Descriptor child, int depth, Map<Digest, Document> into)
      throws IOException {
    try {
      visit(child, depth + 1, into);
    } catch (NotFoundException e) {
      throw child.platform() == null
          ? e
          : new NotFoundException(
              "the image has no content for %s: %s".formatted(child.platform(), e.getMessage()));
    }
  }

  private void add(Descriptor blob) throws DocumentException {
    if (MediaTypes.isForeign(blob.mediaType())) {
      foreign.put(blob.digest(), blob);
      return;
    }
    sized(blob);
    if (blobs.size() >= MAX_BLOBS) {
      throw new DocumentException("the image has more than " + MAX_BLOBS + " blobs");
    }
    blobs.putIfAbsent(blob.digest(), blob);
  }
}
