package dev.mlo.contract;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads one Open Inference Protocol body: JSON, and after it the bytes of those tensors of which
/// the JSON says only the size. Memory grows with the body, never with the shape that the body
/// declares.
final class TensorReader {
  /// What the parser says of its own settings, which no client can change.
  private static final String PARSERS_ADVICE =
      ", from `StreamReadConstraints[^`]*`"
          + "|: enable `JsonReadFeature[^`]*`( to allow)?"
          + "| \\(not recognized as one since Feature '[A-Z_]*' not enabled for parser\\)";

  private static final List<String> NO_NUMBERS = List.of("'NaN'", "'Infinity'", "'-Infinity'");

  private final byte[] json;
  private final int length;
  private final BinarySection binary;

  TensorReader(byte[] json) {
    this(json, json.length);
  }

  /// @param length of the JSON at the front of the body, in bytes
  TensorReader(byte[] body, int length) {
    this.json = body;
    this.length = length;
    this.binary = new BinarySection(body, length);
  }

  InferenceRequest request() throws MalformedException {
    Body body = body("inputs");
    if (body.tensors == null) {
      throw new MalformedException("`inputs` is missing");
    }
    ObjectNode parameters = body.parameters;
    if (parameters != null) {
      RequestFields.refuseSequence(name -> says(parameters.path(name)));
    }
    OutputForm form = body.wanted.form(body.parameters);
    binary.checkUsedUp();
    return new InferenceRequest(body.id, body.parameters, body.tensors, body.wanted.names(), form);
  }

  private static boolean says(JsonNode value) {
    return value.isTextual() ? !value.textValue().isEmpty() : value.asDouble() != 0;
  }

  InferenceResponse response() throws MalformedException {
    Body body = body("outputs");
    if (body.tensors == null) {
      throw new MalformedException("`outputs` is missing");
    }
    return new InferenceResponse(body.modelName, body.modelVersion, body.id, body.tensors);
  }

  /// What a body may hold; a request's tensors are its inputs, a response's its outputs.
  private static final class Body {
    @Nullable String id;
    String modelName = "";
    @Nullable String modelVersion;
    @Nullable ObjectNode parameters;
    @Nullable List<Tensor> tensors;
    WantedOutputs wanted = WantedOutputs.ALL;
  }

  private Body body(String tensors) throws MalformedException {
    if (length == 0) {
      throw new MalformedException("the body is empty");
    }
    int broken = Utf8.firstBroken(json, length);
    if (broken >= 0) {
      throw new MalformedException("the body is no JSON: byte %d is no UTF-8".formatted(broken));
    }
    try (JsonParser parser = TensorJson.FACTORY.createParser(json, 0, length)) {
      parser.setCodec(TensorJson.MAPPER);
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new MalformedException("the body is no JSON object");
      }
      Body body = new Body();
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String field = parser.currentName();
        parser.nextToken();
        field(parser, field, tensors, body);
      }
      if (parser.nextToken() != null) {
        throw new MalformedException("the body goes on after its JSON object");
      }
      return body;
    } catch (JsonProcessingException e) {
      throw new MalformedException("the body is no JSON: " + where(e));
    } catch (IOException e) {
      throw new MalformedException("the body is no JSON: " + e.getMessage());
    }
  }

  private static String where(JsonProcessingException e) {
    String reason =
        e.getOriginalMessage().lines().findFirst().orElse("").replaceAll(PARSERS_ADVICE, "");
    if (NO_NUMBERS.stream().anyMatch(reason::contains)) {
      reason += ", which JSON has not (bytes and gRPC have)";
    }
    return e.getLocation() == null
        ? reason
        : "%s at line %d, column %d"
            .formatted(reason, e.getLocation().getLineNr(), e.getLocation().getColumnNr());
  }

  private void field(JsonParser parser, String field, String tensors, Body body)
      throws IOException, MalformedException {
    if (field.equals(tensors)) {
      body.tensors = tensors(parser, field);
      return;
    }
    if (parser.currentToken() == JsonToken.VALUE_NULL) {
      // Clients whose types have optional fields write them so.
      return;
    }
    switch (field) {
      case "id" -> body.id = text(parser, "id");
      case "model_name" -> body.modelName = text(parser, "model_name");
      case "model_version" -> body.modelVersion = text(parser, "model_version");
      case "parameters" -> {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
          throw new MalformedException("`parameters` is no object");
        }
        body.parameters = parser.readValueAsTree();
      }
      case "outputs" -> body.wanted = WantedOutputs.read(parser);
      default -> parser.skipChildren();
    }
  }

  private static String text(JsonParser parser, String field)
      throws IOException, MalformedException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw new MalformedException("`" + field + "` is no text");
    }
    return parser.getText();
  }

  private List<Tensor> tensors(JsonParser parser, String field)
      throws IOException, MalformedException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw new MalformedException("`" + field + "` is no list");
    }
    var tensors = new ArrayList<Tensor>();
    var names = new HashSet<String>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      Tensor tensor = tensor(parser, field + "[" + tensors.size() + "]", field.equals("outputs"));
      if (!names.add(tensor.name())) {
        throw new MalformedException("`%s` holds `%s` twice".formatted(field, tensor.name()));
      }
      tensors.add(tensor);
    }
    return tensors;
  }

  private Tensor tensor(JsonParser parser, String field, boolean nulls)
      throws IOException, MalformedException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new MalformedException("`" + field + "` is no object");
    }
    @Nullable String name = null;
    @Nullable DataType datatype = null;
    @Nullable Shape shape = null;
    @Nullable TensorData data = null;
    @Nullable JsonNode parameters = null;
    int early = -1;
    int end = -1;
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String key = parser.currentName();
      parser.nextToken();
      switch (key) {
        case "name" -> name = text(parser, field + ".name");
        case "datatype" ->
            datatype = RequestFields.datatype(field, text(parser, field + ".datatype"));
        case "shape" -> shape = shape(parser, field);
        case "data" -> {
          if (datatype == null || shape == null) {
            early = (int) parser.currentTokenLocation().getByteOffset();
            parser.skipChildren();
            end = (int) parser.currentLocation().getByteOffset();
          } else {
            data = TensorData.read(parser, field, datatype, shape, nulls);
          }
        }
        case "parameters" -> {
          parameters = parser.readValueAsTree();
          RequestFields.checkObject(field + ".parameters", parameters);
          RequestFields.refuseUnspoken(field, parameters::has);
        }
        default -> parser.skipChildren();
      }
    }
    if (name == null || name.isEmpty()) {
      throw new MalformedException("`" + field + ".name` is missing");
    }
    if (datatype == null) {
      throw new MalformedException("`" + field + ".datatype` is missing");
    }
    if (shape == null) {
      throw new MalformedException("`" + field + ".shape` is missing");
    }
    if (BinarySection.isNamedBy(parameters)) {
      if (data != null || early >= 0) {
        throw new MalformedException("`" + field + "` has both `data` and `binary_data_size`");
      }
      return TensorBytes.read(field, name, datatype, shape, binary.take(field, parameters));
    }
    if (early >= 0) {
      // What it means was said after it: read it once more.
      try (JsonParser again = TensorJson.FACTORY.createParser(json, early, end - early)) {
        again.nextToken();
        data = TensorData.read(again, field, datatype, shape, nulls);
      }
    }
    if (data == null) {
      throw new MalformedException("`" + field + ".data` is missing");
    }
    return data.tensor(name, field, datatype, shape);
  }

  private static Shape shape(JsonParser parser, String field)
      throws IOException, MalformedException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw new MalformedException("`" + field + ".shape` is no list");
    }
    var lengths = new ArrayList<Long>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT) {
        throw new MalformedException("`" + field + ".shape` holds something that is no integer");
      }
      if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
          || parser.getLongValue() < 0) {
        throw new MalformedException(
            "`%s.shape` holds the length %s".formatted(field, parser.getText()));
      }
      lengths.add(parser.getLongValue());
      if (lengths.size() > Shape.MAX_RANK) {
        break;
      }
    }
    return RequestFields.shape(field, lengths);
  }
}
