package dev.mlo.oci;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The fields of a document from outside, taken out one by one with a message that names the one
/// that is wrong.
record Fields(JsonNode node, String document) {
  Fields {
    if (!node.isObject()) {
      node = com.fasterxml.jackson.databind.node.JsonNodeFactory.instance.objectNode();
    }
  }

  String text(String field) throws DocumentException {
    JsonNode value = node.path(field);
    if (!value.isTextual()) {
      throw new DocumentException(document + ": `" + field + "` is missing or no text");
    }
    return value.textValue();
  }

  long integer(String field) throws DocumentException {
    JsonNode value = node.path(field);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw new DocumentException(document + ": `" + field + "` is missing or no integer");
    }
    return value.longValue();
  }

  Digest digest(String field) throws DocumentException {
    try {
      return Digest.parse(text(field));
    } catch (IllegalArgumentException e) {
      throw new DocumentException(document + ": " + e.getMessage());
    }
  }

  Map<String, String> strings(String field) throws DocumentException {
    var map = new LinkedHashMap<String, String>();
    for (var entry : node.path(field).properties()) {
      if (!entry.getValue().isTextual()) {
        throw new DocumentException(
            "%s: `%s.%s` is no text".formatted(document, field, entry.getKey()));
      }
      map.put(entry.getKey(), entry.getValue().textValue());
    }
    return map;
  }

  List<Descriptor> descriptors(String field) throws DocumentException {
    var list = new ArrayList<Descriptor>();
    for (JsonNode element : node.path(field)) {
      list.add(Descriptor.parse(element));
    }
    return list;
  }

  @Nullable Descriptor descriptorOrNull(String field) throws DocumentException {
    return node.path(field).isObject() ? Descriptor.parse(node.path(field)) : null;
  }

  @Nullable String textOrNull(String field) {
    return node.path(field).textValue();
  }
}
