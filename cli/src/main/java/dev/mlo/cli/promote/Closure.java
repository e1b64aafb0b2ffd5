package dev.mlo.cli.promote;

import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.Index;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.NotFoundException;
import java.io.IOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/// Everything an image consists of: the root, the manifests below it and the blobs they name.
/// Statements about it are not part of it.
final class Closure {
  private static final int DEEPEST = 4;
  private static final int MOST = 10_000;

  private final Map<Digest, Descriptor> manifests = new LinkedHashMap<>();
  private final Map<Digest, Descriptor> blobs = new LinkedHashMap<>();

  private Closure() {}

  /// Reads the manifests, which verifies them; of the blobs only the descriptors are read.
  static Closure of(LayoutStore store, Descriptor root) throws IOException {
    var closure = new Closure();
    closure.walk(store, root, 0);
    return closure;
  }

  private void walk(LayoutStore store, Descriptor at, int depth) throws IOException {
    if (depth > DEEPEST || manifests.size() + blobs.size() > MOST) {
      throw new DocumentException(at.digest() + " is part of an image without an end");
    }
    if (manifests.putIfAbsent(at.digest(), at.bare()) != null) {
      return;
    }
    byte[] bytes = store.manifest(at);
    if (MediaTypes.isIndex(at.mediaType())) {
      for (Descriptor child : Index.parse(bytes).manifests()) {
        walk(store, child, depth + 1);
      }
      return;
    }
    Manifest manifest = Manifest.parse(bytes);
    blobs.put(manifest.config().digest(), manifest.config().bare());
    manifest.layers().forEach(layer -> blobs.put(layer.digest(), layer.bare()));
  }

  Collection<Descriptor> blobs() {
    return blobs.values();
  }

  LedgerEvent.Moved size() {
    long bytes = blobs.values().stream().mapToLong(Descriptor::size).sum();
    long documents = manifests.values().stream().mapToLong(Descriptor::size).sum();
    return new LedgerEvent.Moved(manifests.size(), blobs.size(), bytes + documents);
  }

  /// Reads every byte and compares it with its digest.
  void verify(LayoutStore store) throws IOException {
    for (Descriptor blob : blobs.values()) {
      store.verify(blob);
    }
  }

  /// That every blob is there with the size it must have; the manifests were read to get here.
  void requirePresent(LayoutStore store) throws IOException {
    for (Descriptor blob : blobs.values()) {
      if (!store.has(blob)) {
        throw new NotFoundException(
            "%s (%d bytes) is missing in %s"
                .formatted(blob.digest(), blob.size(), store.describe()));
      }
    }
  }

  /// The bytes of it that a store does not hold.
  long missing(LayoutStore store) throws IOException {
    long bytes = 0;
    for (Descriptor blob : blobs.values()) {
      bytes += store.has(blob) ? 0 : blob.size();
    }
    return bytes;
  }
}
