package dev.mlo.cli.promote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.json.Json;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;

/// An image under the version its model card gives: what environments point at. The size is that of
/// the root manifest, in bytes.
public record Release(Digest digest, String mediaType, long size, String version) {
  static Release of(Descriptor root, String version) {
    return new Release(root.digest(), root.mediaType(), root.size(), version);
  }

  Descriptor root() {
    return Descriptor.of(mediaType, digest, size);
  }

  /// Version and short digest, for people.
  public String brief() {
    return version + " (" + digest.brief() + ")";
  }

  ObjectNode json() {
    return Json.object()
        .put("digest", digest.toString())
        .put("mediaType", mediaType)
        .put("size", size)
        .put("version", version);
  }

  static Release parse(JsonNode node) throws LedgerFormatException {
    LedgerFields fields = new LedgerFields(node);
    return new Release(
        fields.digest("digest"),
        fields.text("mediaType"),
        fields.count("size"),
        Names.version(fields.text("version")));
  }
}
