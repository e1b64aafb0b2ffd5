package dev.mlo.cli.project;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.project.Kind.Choice;
import dev.mlo.cli.project.Kind.Either;
import dev.mlo.cli.project.Kind.Free;
import dev.mlo.cli.project.Kind.ListOf;
import dev.mlo.cli.project.Kind.MapOf;
import dev.mlo.cli.project.Kind.Real;
import dev.mlo.cli.project.Kind.Section;
import dev.mlo.cli.project.Kind.Text;
import dev.mlo.cli.project.Kind.Whole;
import dev.mlo.json.Json;

/// The manifest's form as a JSON Schema, for editors: made of the keys the parser follows.
public final class ManifestSchema {
  private ManifestSchema() {}

  /// JSON Schema, draft 2020-12.
  public static ObjectNode json() {
    ObjectNode schema = Json.object();
    schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    schema.put("$id", "urn:mlo:schema:v1");
    schema.put("title", "mlops.yaml");
    schema.put("description", "What mlo packages, and through which environments it goes.");
    schema.setAll(schema(ManifestKeys.ROOT));
    return schema;
  }

  private static ObjectNode schema(Kind kind) {
    ObjectNode schema = Json.object();
    switch (kind) {
      case Text text -> text(schema, text);
      case Choice choice -> {
        ArrayNode words = schema.putArray("enum");
        choice.words().forEach(words::add);
      }
      case Whole whole ->
          schema.put("type", "integer").put("minimum", whole.min()).put("maximum", whole.max());
      case Real real -> {
        schema.put("type", "number");
        if (Double.isFinite(real.min())) {
          schema.put("minimum", real.min());
        }
      }
      case ListOf list -> schema.put("type", "array").set("items", schema(list.item()));
      case MapOf map -> {
        schema.put("type", "object");
        schema.set("propertyNames", schema(map.key()));
        schema.set("additionalProperties", orNothing(map.value()));
      }
      case Section section -> section(schema, section);
      case Either either ->
          schema.putArray("anyOf").add(schema(either.simple())).add(schema(either.full()));
      case Free _ -> {}
    }
    return schema;
  }

  private static void text(ObjectNode schema, Text text) {
    schema.put("type", "string").put("minLength", 1);
    if (text.pattern() != null) {
      schema.put("pattern", "^(?:" + text.pattern().pattern() + ")$");
    }
  }

  private static void section(ObjectNode schema, Section section) {
    schema.put("type", "object").put("additionalProperties", false);
    ArrayNode required = Json.array();
    ObjectNode properties = schema.putObject("properties");
    for (Key key : section.keys()) {
      properties.set(key.name(), property(key));
      if (key.required()) {
        required.add(key.name());
      }
    }
    if (!required.isEmpty()) {
      schema.set("required", required);
    }
  }

  private static ObjectNode property(Key key) {
    ObjectNode property = Json.object();
    if (key.later()) {
      property.put("description", key.description() + " Not supported yet.");
      property.putObject("not");
      return property;
    }
    property.put(
        "description",
        key.absent().isEmpty()
            ? key.description()
            : key.description() + " Default: " + key.absent() + ".");
    property.setAll(orNothing(key.kind()));
    return property;
  }

  /// A section in which nothing is required may be left empty.
  private static ObjectNode orNothing(Kind kind) {
    ObjectNode schema = schema(kind);
    if (kind instanceof Section section && section.mayBeEmpty()) {
      schema.putArray("type").add("object").add("null");
    }
    return schema;
  }
}
