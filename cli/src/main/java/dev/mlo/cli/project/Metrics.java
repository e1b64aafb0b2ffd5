package dev.mlo.cli.project;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Metrics in a file of their own: one JSON object of numbers.
final class Metrics {
  private static final long MAX_BYTES = 1 << 20;

  private Metrics() {}

  /// What is wrong with the file, as the end of a sentence; `null` when it can be read.
  static @Nullable String fault(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        return "is larger than 1 MiB";
      }
      JsonNode node = Json.parse(Files.readAllBytes(file));
      if (!(node instanceof ObjectNode object)) {
        return "holds no object, expected `{\"accuracy\": 0.9}`";
      }
      for (Map.Entry<String, JsonNode> metric : object.properties()) {
        if (!metric.getValue().isNumber() || !Double.isFinite(metric.getValue().doubleValue())) {
          return "gives `%s`, which is no number".formatted(metric.getKey());
        }
      }
      return null;
    } catch (IOException e) {
      return "cannot be read as JSON: " + e.getMessage();
    }
  }

  static ObjectNode read(Path file) throws IOException {
    return (ObjectNode) Json.parse(Files.readAllBytes(file));
  }
}
