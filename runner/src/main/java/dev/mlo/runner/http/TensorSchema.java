package dev.mlo.runner.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Shape;
import dev.mlo.contract.TensorSpec;
import dev.mlo.json.Json;
import java.math.BigInteger;
import java.util.List;

/// The JSON Schema (2020-12) of one tensor of a model: its name, datatype and fixed dimensions as
/// constants, its elements flat or nested as the shape says.
final class TensorSchema {
  private static final BigInteger TWO = BigInteger.TWO;

  private final TensorSpec spec;
  private final boolean nullable;

  private TensorSchema(TensorSpec spec, boolean nullable) {
    this.spec = spec;
    this.nullable = nullable;
  }

  static ObjectNode input(TensorSpec spec) {
    return new TensorSchema(spec, false).tensor();
  }

  /// In answers a real number that JSON cannot write is `null`.
  static ObjectNode output(TensorSpec spec) {
    return new TensorSchema(spec, true).tensor();
  }

  private ObjectNode tensor() {
    ObjectNode schema = Json.object().put("type", "object").put("title", spec.toString());
    ArrayNode required = schema.putArray("required");
    List.of("name", "datatype", "shape", "data").forEach(required::add);
    ObjectNode properties = schema.putObject("properties");
    properties.putObject("name").put("const", spec.name());
    properties.putObject("datatype").put("const", spec.datatype().name());
    properties.set("shape", shape());
    properties.putObject("parameters").put("type", "object");
    properties.set("data", data());
    return schema;
  }

  private ObjectNode shape() {
    Shape shape = spec.shape();
    ObjectNode schema = Json.object().put("type", "array");
    ArrayNode dimensions = Json.array();
    for (long length : shape.dimensions()) {
      ObjectNode dimension = dimensions.addObject();
      if (length < 0) {
        dimension.put("type", "integer").put("minimum", 0);
      } else {
        dimension.put("const", length);
      }
    }
    if (!dimensions.isEmpty()) {
      schema.set("prefixItems", dimensions);
    }
    return schema.put("minItems", shape.rank()).put("maxItems", shape.rank());
  }

  private ObjectNode data() {
    Shape shape = spec.shape();
    ObjectNode flat = list(element(), shape.isConcrete() ? shape.elements() : -1);
    if (shape.rank() == 1) {
      return flat;
    }
    ObjectNode schema = Json.object();
    ArrayNode forms = schema.putArray("anyOf").add(flat.put("description", "row-major, flat"));
    if (shape.rank() == 0) {
      forms.add(element());
      return schema;
    }
    ObjectNode nested = element();
    for (long length : shape.dimensions().reversed()) {
      nested = list(nested, length);
    }
    forms.add(nested.put("description", "nested as the shape"));
    return schema;
  }

  /// @param length -1: any
  private static ObjectNode list(ObjectNode items, long length) {
    ObjectNode schema = Json.object().put("type", "array");
    schema.set("items", items);
    return length < 0 ? schema : schema.put("minItems", length).put("maxItems", length);
  }

  private ObjectNode element() {
    return switch (spec.datatype()) {
      case BOOL -> Json.object().put("type", "boolean");
      case BYTES -> Json.object().put("type", "string");
      case FP16 -> real("half");
      case FP32 -> real("float");
      case FP64 -> real("double");
      case UINT8, UINT16, UINT32, UINT64 ->
          integer(BigInteger.ZERO, TWO.pow(bits()).subtract(BigInteger.ONE));
      case INT8, INT16, INT32, INT64 ->
          integer(TWO.pow(bits() - 1).negate(), TWO.pow(bits() - 1).subtract(BigInteger.ONE));
    };
  }

  private int bits() {
    return spec.datatype().width() * Byte.SIZE;
  }

  private ObjectNode real(String format) {
    ObjectNode schema = Json.object();
    if (nullable) {
      schema.putArray("type").add("number").add("null");
    } else {
      schema.put("type", "number");
    }
    return schema.put("format", format);
  }

  private ObjectNode integer(BigInteger least, BigInteger most) {
    ObjectNode schema = Json.object().put("type", "integer");
    if (spec.datatype() == DataType.INT32 || spec.datatype() == DataType.INT64) {
      schema.put("format", spec.datatype().name().toLowerCase(java.util.Locale.ROOT));
    }
    return schema.put("minimum", least).put("maximum", most);
  }
}
