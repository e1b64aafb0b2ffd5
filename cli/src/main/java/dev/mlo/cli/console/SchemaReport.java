package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.json.Json;
import java.nio.charset.StandardCharsets;

/// The JSON Schema of the manifest, which is the same document in every form.
public record SchemaReport(ObjectNode schema) implements Report {
  @Override
  public void text(Page page) {
    page.line(brief());
  }

  @Override
  public ObjectNode json() {
    return schema;
  }

  @Override
  public String brief() {
    return new String(Json.pretty(schema), StandardCharsets.UTF_8).stripTrailing();
  }
}
