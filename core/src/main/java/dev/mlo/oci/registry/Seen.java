package dev.mlo.oci.registry;

import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// What was seen at a repository, so that it is not asked for again.
final class Seen {
  /// A registry keeps documents apart from blobs, although both go by their digests.
  private record Content(Digest digest, boolean document) {
    static Content of(Descriptor descriptor) {
      return new Content(descriptor.digest(), RegistryDocuments.isDocument(descriptor));
    }
  }

  private final Set<Content> contents = ConcurrentHashMap.newKeySet();

  void add(Descriptor descriptor) {
    contents.add(Content.of(descriptor));
  }

  boolean contains(Descriptor descriptor) {
    return contents.contains(Content.of(descriptor));
  }
}
