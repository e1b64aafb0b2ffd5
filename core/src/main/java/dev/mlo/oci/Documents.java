package dev.mlo.oci;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the bytes of manifests and indexes say of themselves.
public final class Documents {
  /// In bytes (distribution specification, "Pushing Manifests").
  public static final int MAX_SIZE = 4 << 20;

  private Documents() {}

  /// The descriptor of a manifest or index that somebody named by nothing but its digest.
  public static Descriptor describe(Digest digest, byte[] bytes) throws DocumentException {
    JsonNode node = parse(digest, bytes);
    @Nullable String mediaType = node.path("mediaType").textValue();
    if (mediaType == null) {
      mediaType = node.has("manifests") ? MediaTypes.INDEX : MediaTypes.MANIFEST;
    }
    Descriptor descriptor = Descriptor.of(mediaType, digest, bytes.length);
    if (!node.has(MediaTypes.isIndex(mediaType) ? "manifests" : "config")) {
      throw new DocumentException(
          node.has("fsLayers")
              ? digest + " is a manifest of Docker's schema 1, which has no layers with a digest"
              : digest + " is neither a manifest nor an index");
    }
    agree(descriptor, node);
    return descriptor;
  }

  /// Bytes must have the digest and the size they are handed over with.
  public static void check(Descriptor descriptor, byte[] bytes) throws OciException {
    if (bytes.length != descriptor.size() || !descriptor.digest().matches(bytes)) {
      throw new DigestMismatchException(
          "%s (%d bytes): what came instead are other bytes (%d)"
              .formatted(descriptor.digest(), descriptor.size(), bytes.length));
    }
    bounded(descriptor);
  }

  /// What is read into memory must fit there.
  public static void bounded(Descriptor descriptor) throws DocumentException {
    if (descriptor.size() > MAX_SIZE) {
      throw new DocumentException(
          "%s has %d bytes, more than a document may have (%d)"
              .formatted(descriptor.digest(), descriptor.size(), MAX_SIZE));
    }
  }

  /// A document must be of the kind its descriptor says: what two readers take for different things
  /// must not pass under one digest.
  static void agree(Descriptor one, Descriptor other) throws DocumentException {
    if (!one.mediaType().equals(other.mediaType())) {
      throw new DocumentException(
          "%s is listed as `%s` and as `%s`"
              .formatted(one.digest(), one.mediaType(), other.mediaType()));
    }
  }

  /// The same for a descriptor and what the document says of itself.
  static void agree(Descriptor descriptor, JsonNode node) throws DocumentException {
    String mediaType = descriptor.mediaType();
    @Nullable String own = node.path("mediaType").textValue();
    if (own != null && !own.equals(mediaType)) {
      throw new DocumentException(
          "%s is called `%s` and calls itself `%s`".formatted(descriptor.digest(), mediaType, own));
    }
    if (MediaTypes.isIndex(mediaType)
        ? node.has("config") || node.has("layers")
        : node.has("manifests")) {
      throw new DocumentException(
          descriptor.digest() + " mixes what a manifest has and what an index has");
    }
    if (!MediaTypes.isIndex(mediaType) && !MediaTypes.isManifest(mediaType)) {
      throw new DocumentException(
          "%s is of the unknown type `%s`".formatted(descriptor.digest(), mediaType));
    }
  }

  /// The same for bytes that were not parsed yet.
  public static void agree(Descriptor descriptor, byte[] bytes) throws DocumentException {
    agree(descriptor, parse(descriptor.digest(), bytes));
  }

  /// Whether a manifest has every layer that another one has.
  public static boolean covers(byte[] more, byte[] less) throws DocumentException {
    return layers(more).containsAll(layers(less));
  }

  private static List<Descriptor> layers(byte[] manifest) throws DocumentException {
    return Manifest.parse(manifest).layers().stream().map(Descriptor::bare).toList();
  }

  /// What a document speaks of, if it does.
  public static Optional<Digest> subject(Descriptor document, byte[] bytes)
      throws DocumentException {
    return Referrers.subject(document, bytes);
  }

  /// A document as lists of referrers show it.
  public static Descriptor referrer(Descriptor document, byte[] bytes) throws DocumentException {
    return Referrers.describe(document, bytes);
  }

  static JsonNode parse(Digest digest, byte[] bytes) throws DocumentException {
    return parse(digest.toString(), bytes);
  }

  /// @param what for messages
  public static JsonNode parse(String what, byte[] bytes) throws DocumentException {
    try {
      return Json.parse(bytes);
    } catch (JsonFormatException e) {
      throw new DocumentException(what + ": " + e.getMessage());
    }
  }
}
