package dev.mlo.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;

/// Reads and writes JSON documents, strictly: duplicate keys, trailing text and documents nested
/// deeper than 100 levels are refused, because two readers that disagree about a document disagree
/// about what its digest stands for. Written documents keep the order in which they were put
/// together, so their digest never depends on the JVM.
public final class Json {
  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(100).build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
          .build();

  private static final ObjectWriter PRETTY =
      MAPPER.writer(
          new DefaultPrettyPrinter(
                  Separators.createDefaultInstance()
                      .withObjectFieldValueSpacing(Separators.Spacing.AFTER)
                      .withObjectEmptySeparator("")
                      .withArrayEmptySeparator(""))
              .withObjectIndenter(new DefaultIndenter("  ", "\n"))
              .withArrayIndenter(new DefaultIndenter("  ", "\n")));

  private Json() {}

  /// @throws JsonFormatException when the bytes are not exactly one JSON document
  public static JsonNode parse(byte[] bytes) throws JsonFormatException {
    try {
      JsonNode node = MAPPER.readTree(bytes);
      if (node == null || node.isMissingNode()) {
        throw new JsonFormatException("the document is empty");
      }
      return node;
    } catch (JsonProcessingException e) {
      throw JsonFormatException.of(e);
    } catch (IOException e) {
      throw new JsonFormatException(String.valueOf(e.getMessage()));
    }
  }

  /// Reads a record. Unknown keys are skipped: an older reader must survive a newer writer.
  public static <T> T parse(byte[] bytes, Class<T> type) throws JsonFormatException {
    JsonNode node = parse(bytes);
    return convert(node, type);
  }

  public static <T> T convert(JsonNode node, Class<T> type) throws JsonFormatException {
    try {
      T value = MAPPER.treeToValue(node, type);
      if (value == null) {
        throw new JsonFormatException("the document is null");
      }
      return value;
    } catch (JsonProcessingException e) {
      throw JsonFormatException.of(e);
    }
  }

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  public static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  /// The tree of a record; keys in the order of its components.
  public static ObjectNode tree(Record value) {
    return MAPPER.valueToTree(value);
  }

  /// One line, no spaces, no line end.
  public static byte[] compact(Object value) {
    try {
      return MAPPER.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /// Two spaces a level, LF, a line end at the end.
  public static byte[] pretty(Object value) {
    try {
      return (PRETTY.writeValueAsString(value) + "\n").getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /// Like [#pretty], with the keys of every object sorted: equal contents give equal bytes whoever
  /// wrote them, which a hash chain needs.
  public static byte[] canonical(JsonNode node) {
    return pretty(sorted(node));
  }

  private static JsonNode sorted(JsonNode node) {
    return switch (node) {
      case ObjectNode object -> {
        var byKey = new TreeMap<String, JsonNode>();
        object.properties().forEach(e -> byKey.put(e.getKey(), sorted(e.getValue())));
        ObjectNode copy = object();
        byKey.forEach(copy::set);
        yield copy;
      }
      case ArrayNode array -> {
        ArrayNode copy = array();
        array.forEach(element -> copy.add(sorted(element)));
        yield copy;
      }
      default -> node;
    };
  }
}
