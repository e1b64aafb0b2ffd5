package dev.mlo.attest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.ImageSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/// What an image is made of, as CycloneDX 1.6. An image has a bill of its own, about the model, and
/// beside it the bills of the runner image and of the engine it stands on, which are the same bytes
/// for all versions.
public final class BillOfMaterials {
  public static final String TYPE = "application/vnd.cyclonedx+json";

  /// On an artifact: whose bill it is.
  public static final String PART = "dev.mlo.bom";

  public static final String IMAGE = "image";
  public static final String RUNNER = "runner";
  public static final String ENGINE = "engine";

  private static final String SERIAL = "serialNumber";
  private static final int PART_OF_IMAGE = 2;

  private BillOfMaterials() {}

  /// A bill without content.
  public static ObjectNode begin() {
    return Json.object()
        .put("$schema", "http://cyclonedx.org/schema/bom-1.6.schema.json")
        .put("bomFormat", "CycloneDX")
        .put("specVersion", "1.6")
        .put(SERIAL, "")
        .put("version", 1);
  }

  /// The bytes to attach. The serial number is made of the content: equal bills have the same, and
  /// different ones never do.
  public static byte[] write(ObjectNode bill) {
    bill.put(SERIAL, "");
    bill.put(SERIAL, "urn:uuid:" + uuid(Json.compact(bill)));
    return Json.compact(bill);
  }

  /// The first 122 bits of the hash as a UUID of version 8, whose content is up to who makes it
  /// (RFC 9562).
  private static UUID uuid(byte[] content) {
    ByteBuffer hash = ByteBuffer.wrap(HexFormat.of().parseHex(Digest.sha256(content).hex()));
    long high = (hash.getLong() & ~0xf000L) | 0x8000L;
    long low = (hash.getLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low);
  }

  /// How one bill refers to another (CycloneDX, "BOM-Link").
  ///
  /// @throws DocumentException when the bytes are no bill
  public static String link(byte[] bill) throws DocumentException {
    JsonNode node = parse(bill);
    return "urn:cdx:%s/%d"
        .formatted(
            node.path(SERIAL).asText().replaceFirst("^urn:uuid:", ""),
            node.path("version").asInt(1));
  }

  /// The bill of everything in an image: its own, and the components of the bills it links to.
  ///
  /// @param evidence everything that was said of the image
  /// @throws DocumentException when a bill cannot be read
  public static ObjectNode whole(Evidence own, List<Evidence> evidence, ImageSource source)
      throws IOException {
    ObjectNode bill = parse(own.document(source));
    Set<String> wanted = links(bill);
    for (Evidence other : evidence) {
      if (other.kind() == Evidence.Kind.BOM && rank(other) == PART_OF_IMAGE) {
        byte[] bytes = other.document(source);
        if (wanted.remove(link(bytes))) {
          JsonNode part = parse(bytes);
          part.path("components").forEach(bill.withArray("/components")::add);
          part.path("dependencies").forEach(bill.withArray("/dependencies")::add);
        }
      }
    }
    return bill;
  }

  private static Set<String> links(JsonNode bill) {
    var links = new HashSet<String>();
    for (JsonNode component : bill.path("components")) {
      for (JsonNode reference : component.path("externalReferences")) {
        if (reference.path("type").asText().equals("bom")) {
          links.add(reference.path("url").asText());
        }
      }
    }
    return links;
  }

  /// The image's own bill comes before one that another tool made, and that before a part's.
  static int rank(Evidence evidence) {
    return switch (evidence.manifest().annotations().getOrDefault(PART, "")) {
      case IMAGE -> 0;
      case "" -> 1;
      default -> PART_OF_IMAGE;
    };
  }

  private static ObjectNode parse(byte[] bytes) throws DocumentException {
    try {
      if (Json.parse(bytes) instanceof ObjectNode bill
          && bill.path("bomFormat").asText().equals("CycloneDX")) {
        return bill;
      }
      throw new DocumentException("bill of materials: it is no CycloneDX document");
    } catch (JsonFormatException e) {
      throw new DocumentException("bill of materials: " + e.getMessage());
    }
  }
}
