package dev.mlo.oci;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Everything an image consists of, and everything said of it, each digest once. Built from the
/// documents alone, before a byte of content moves.
final class Closure {
  /// A manifest or an index with its exact bytes.
  static final class Document {
    private final Descriptor descriptor;
    private final byte[] bytes;

    private Document(Descriptor descriptor, byte[] bytes) {
      this.descriptor = descriptor;
      this.bytes = bytes;
    }

    Descriptor descriptor() {
      return descriptor;
    }

    byte[] bytes() {
      return bytes;
    }
  }

  private static final int MAX_DEPTH = 32;
  private static final int MAX_DOCUMENTS = 4_096;
  private static final int MAX_BLOBS = 100_000;

  private final ImageSource source;
  private final Map<Digest, Document> image = new LinkedHashMap<>();
  private final Map<Digest, Document> said = new LinkedHashMap<>();
  private final Map<Digest, Descriptor> blobs = new LinkedHashMap<>();
  private final Map<Digest, Long> sizes = new LinkedHashMap<>();

  /// Documents whose referrers were not looked for yet.
  private final Deque<Descriptor> unasked = new ArrayDeque<>();

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

  /// Bytes of everything.
  long size() {
    return sizes.values().stream().mapToLong(Long::longValue).sum();
  }

  private void followReferrers() throws IOException {
    while (!unasked.isEmpty()) {
      for (Descriptor referrer : source.referrers(unasked.remove().digest())) {
        visit(referrer, 0, said);
      }
    }
  }

  private boolean known(Descriptor document) throws DocumentException {
    @Nullable Long size = sizes.get(document.digest());
    if (size != null && size != document.size()) {
      throw new DocumentException(
          "%s is listed with %d and with %d bytes"
              .formatted(document.digest(), size, document.size()));
    }
    return size != null;
  }

  private void visit(Descriptor descriptor, int depth, Map<Digest, Document> into)
      throws IOException {
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
    sizes.put(descriptor.digest(), descriptor.size());
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
        visit(child, depth + 1, into);
      } else {
        add(child);
      }
    }
  }

  private void add(Descriptor blob) throws DocumentException {
    if (!known(blob)) {
      if (blobs.size() >= MAX_BLOBS) {
        throw new DocumentException("the image has more than " + MAX_BLOBS + " blobs");
      }
      sizes.put(blob.digest(), blob.size());
      blobs.put(blob.digest(), blob);
    }
  }
}
