package dev.mlo.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The `index.json` of a layout: its names and its entries without a name. What other tools wrote
/// into it is kept as it is; each name is an entry of its own, so two names may share a digest.
final class LayoutIndex {
  private record Entry(JsonNode node, Descriptor descriptor) {
    @Nullable String name() {
      return descriptor.annotations().get(Descriptor.REF_NAME);
    }
  }

  private final ObjectNode document;
  private final List<Entry> entries;

  private LayoutIndex(ObjectNode document, List<Entry> entries) {
    this.document = document;
    this.entries = entries;
  }

  static LayoutIndex empty() {
    ObjectNode document = Json.object().put("schemaVersion", 2).put("mediaType", MediaTypes.INDEX);
    document.putArray("manifests");
    return new LayoutIndex(document, List.of());
  }

  /// @param place for messages
  static LayoutIndex parse(byte[] bytes, String place) throws DocumentException {
    try {
      if (!(Json.parse(bytes) instanceof ObjectNode document)) {
        throw new DocumentException(place + ": no JSON object");
      }
      if (!(document.get("manifests") instanceof ArrayNode list)) {
        throw new DocumentException(place + ": `manifests` is missing or no list");
      }
      var entries = new ArrayList<Entry>();
      for (JsonNode node : list) {
        Entry entry = new Entry(node, Descriptor.parse(node));
        @Nullable String name = entry.name();
        if (name != null && name.chars().anyMatch(Character::isISOControl)) {
          throw new DocumentException("a name holds control characters");
        }
        entries.add(entry);
      }
      return new LayoutIndex(document, entries);
    } catch (JsonFormatException e) {
      throw new DocumentException(place + ": " + e.getMessage());
    } catch (DocumentException e) {
      throw String.valueOf(e.getMessage()).startsWith(place)
          ? e
          : new DocumentException(place + ": " + e.getMessage());
    }
  }

  List<Descriptor> all() {
    return entries.stream().map(Entry::descriptor).toList();
  }

  /// @throws DocumentException when the name stands twice, for different content
  Optional<Descriptor> named(String name) throws DocumentException {
    List<Descriptor> found =
        entries.stream().filter(e -> name.equals(e.name())).map(Entry::descriptor).toList();
    if (found.stream().map(Descriptor::digest).distinct().count() > 1) {
      throw new DocumentException("index.json gives the name `" + name + "` to several digests");
    }
    return found.stream().findFirst();
  }

  Optional<Descriptor> of(Digest digest) {
    return entries.stream()
        .map(Entry::descriptor)
        .filter(e -> e.digest().equals(digest))
        .min(Comparator.comparing(e -> e.annotations().containsKey(Descriptor.REF_NAME)));
  }

  /// The names of images. Tags made of a digest are none, although other tools write them.
  Map<String, Descriptor> names() {
    var names = new TreeMap<String, Descriptor>();
    for (Entry entry : entries) {
      @Nullable String name = entry.name();
      if (name != null && !DigestTag.is(name)) {
        names.put(name, entry.descriptor());
      }
    }
    return names;
  }

  LayoutIndex tagged(String name, Descriptor descriptor) {
    Descriptor plain =
        new Descriptor(
            descriptor.mediaType(),
            descriptor.digest(),
            descriptor.size(),
            Map.of(Descriptor.REF_NAME, name),
            descriptor.platform(),
            descriptor.artifactType());
    var kept = new ArrayList<Entry>();
    entries.stream().filter(e -> !name.equals(e.name())).forEach(kept::add);
    kept.add(new Entry(plain.json(), plain));
    return with(kept);
  }

  /// With an entry that has no name, unless there is one for this digest.
  LayoutIndex listed(Descriptor descriptor) {
    if (entries.stream()
        .anyMatch(e -> e.name() == null && e.descriptor().digest().equals(descriptor.digest()))) {
      return this;
    }
    var kept = new ArrayList<Entry>(entries);
    kept.add(new Entry(descriptor.json(), descriptor));
    return with(kept);
  }

  /// Without a name, whatever it points at.
  LayoutIndex untagged(String name) {
    return with(entries.stream().filter(e -> !name.equals(e.name())).toList());
  }

  /// Without these entries that have no name.
  LayoutIndex without(Collection<Descriptor> gone) {
    return with(
        entries.stream().filter(e -> e.name() != null || !gone.contains(e.descriptor())).toList());
  }

  private LayoutIndex with(List<Entry> changed) {
    ObjectNode copy = document.deepCopy();
    ArrayNode list = copy.putArray("manifests");
    changed.forEach(entry -> list.add(entry.node()));
    return new LayoutIndex(copy, List.copyOf(changed));
  }

  byte[] write() {
    return Json.compact(document);
  }
}
