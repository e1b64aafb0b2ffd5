package dev.mlo.oci;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The artifacts of a layout that speak of another manifest: entries of `index.json`, or of the
/// index that the fallback tag of the subject names (distribution specification, "Referrers Tag
/// Schema"). Only what the artifact itself says counts.
final class Referrers {
  private Referrers() {}

  static List<Descriptor> of(Digest subject, LayoutIndex index, ImageSource source)
      throws IOException {
    var found = new LinkedHashMap<Digest, Descriptor>();
    Set<Descriptor> candidates = new LinkedHashSet<>(index.all());
    candidates.addAll(fallback(subject, index, source));
    for (Descriptor candidate : candidates) {
      if (isDocument(candidate)
          && !found.containsKey(candidate.digest())
          && !candidate.digest().equals(subject)) {
        byte[] bytes = source.manifest(candidate);
        if (subject(candidate, bytes).filter(subject::equals).isPresent()) {
          found.put(candidate.digest(), describe(candidate, bytes));
        }
      }
    }
    return List.copyOf(found.values());
  }

  /// What cosign says of a manifest, by its tags.
  static Map<String, Descriptor> attached(Digest subject, LayoutIndex index)
      throws DocumentException {
    var found = new LinkedHashMap<String, Descriptor>();
    for (String tag : DigestTag.cosign(subject)) {
      index
          .named(tag)
          .filter(artifact -> MediaTypes.isManifest(artifact.mediaType()))
          .ifPresent(artifact -> found.put(tag, artifact.bare()));
    }
    return found;
  }

  private static boolean isDocument(Descriptor candidate) {
    return MediaTypes.isManifest(candidate.mediaType())
        || MediaTypes.isIndex(candidate.mediaType());
  }

  private static List<Descriptor> fallback(Digest subject, LayoutIndex index, ImageSource source)
      throws IOException {
    Optional<Descriptor> tagged = index.named(DigestTag.referrers(subject));
    if (tagged.isEmpty() || !MediaTypes.isIndex(tagged.get().mediaType())) {
      return List.of();
    }
    return Index.parse(source.manifest(tagged.get())).manifests();
  }

  /// The entries without a name that speak of no other manifest: images, as tools leave them that
  /// name none (`crane pull --format=oci`, `oras copy`).
  static List<Descriptor> unnamed(LayoutIndex index, ImageSource source) throws IOException {
    var images = new LinkedHashMap<Digest, Descriptor>();
    for (Descriptor entry : index.all()) {
      boolean named = entry.annotations().containsKey(Descriptor.REF_NAME);
      if (!named && isDocument(entry) && subject(entry, source.manifest(entry)).isEmpty()) {
        images.putIfAbsent(entry.digest(), entry);
      }
    }
    return List.copyOf(images.values());
  }

  /// What a document speaks of, if it does.
  static Optional<Digest> subject(Descriptor candidate, byte[] bytes) throws DocumentException {
    JsonNode node = Documents.parse(candidate.digest(), bytes).path("subject");
    return node.isObject() ? Optional.of(Descriptor.parse(node).digest()) : Optional.empty();
  }

  /// As the referrers API lists it: with the artifact's type and its annotations, but for a name,
  /// which is not the artifact's to choose.
  static Descriptor describe(Descriptor descriptor, byte[] bytes) throws DocumentException {
    if (!MediaTypes.isManifest(descriptor.mediaType())) {
      return descriptor;
    }
    Manifest manifest = Manifest.parse(bytes);
    String type =
        manifest.artifactType() == null ? manifest.config().mediaType() : manifest.artifactType();
    var annotations = new LinkedHashMap<>(manifest.annotations());
    annotations.remove(Descriptor.REF_NAME);
    return new Descriptor(
        descriptor.mediaType(), descriptor.digest(), descriptor.size(), annotations, null, type);
  }
}
