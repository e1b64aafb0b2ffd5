package dev.mlo.contract;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The JSON form of Open Inference Protocol requests and responses, read and written as a stream.
///
/// JSON has no NaN and no infinities: such an element is written as `null`, the one value a reader
/// cannot take for a number. Elements of BYTES are text; bytes that are no UTF-8 are refused, for
/// the binary extension exists to send them. FP16 has no JSON form in the protocol; it is read from
/// and written as numbers.
public final class TensorJson {
  /// Elements of `data` are parsed once each; nesting beyond a shape's rank is refused long before.
  private static final int MAX_DEPTH = 64;

  static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(JsonFactory.Feature.CHARSET_DETECTION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
          .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
          .build();

  static final JsonMapper MAPPER = JsonMapper.builder(FACTORY).build();

  private TensorJson() {}

  /// Reads a request. `data` may be nested or flat, row-major; of a scalar also the bare value.
  ///
  /// @throws MalformedException naming the field and the reason
  public static InferenceRequest request(byte[] json) throws MalformedException {
    return new TensorReader(json).request();
  }

  /// Reads the `outputs` of a response, as a golden example expects them.
  public static List<Tensor> outputs(byte[] json) throws MalformedException {
    return new TensorReader(json).response().outputs();
  }

  /// Reads a whole response, as a client gets it.
  public static InferenceResponse response(byte[] json) throws MalformedException {
    return new TensorReader(json).response();
  }

  /// @throws CharacterCodingException when a BYTES element is no text
  public static void write(InferenceResponse response, OutputStream out) throws IOException {
    write(response, OutputForm.JSON, out);
  }

  /// Of outputs that are sent as bytes only the size is written.
  static void write(InferenceResponse response, OutputForm form, OutputStream out)
      throws IOException {
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringField("model_name", response.modelName());
      if (response.modelVersion() != null) {
        json.writeStringField("model_version", response.modelVersion());
      }
      if (response.id() != null) {
        json.writeStringField("id", response.id());
      }
      tensors(json, "outputs", response.outputs(), form);
      json.writeEndObject();
    }
  }

  /// Writes a request, as a client sends it.
  public static void write(InferenceRequest request, OutputStream out) throws IOException {
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      json.writeStartObject();
      if (request.id() != null) {
        json.writeStringField("id", request.id());
      }
      @Nullable ObjectNode parameters = request.parameters();
      if (parameters != null) {
        json.writeFieldName("parameters");
        MAPPER.writeTree(json, parameters);
      }
      tensors(json, "inputs", request.inputs(), OutputForm.JSON);
      if (!request.outputs().isEmpty()) {
        json.writeArrayFieldStart("outputs");
        for (String name : request.outputs()) {
          json.writeStartObject();
          json.writeStringField("name", name);
          json.writeEndObject();
        }
        json.writeEndArray();
      }
      json.writeEndObject();
    }
  }

  private static void tensors(
      JsonGenerator json, String field, List<Tensor> tensors, OutputForm form) throws IOException {
    json.writeArrayFieldStart(field);
    for (Tensor tensor : tensors) {
      json.writeStartObject();
      json.writeStringField("name", tensor.name());
      json.writeStringField("datatype", tensor.datatype().name());
      json.writeArrayFieldStart("shape");
      for (long length : tensor.shape().dimensions()) {
        json.writeNumber(length);
      }
      json.writeEndArray();
      if (form.isBinary(tensor.name())) {
        json.writeObjectFieldStart("parameters");
        json.writeNumberField("binary_data_size", TensorBytes.size(tensor));
        json.writeEndObject();
      } else {
        data(json, tensor);
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void data(JsonGenerator json, Tensor tensor) throws IOException {
    json.writeArrayFieldStart("data");
    switch (tensor) {
      case Tensor.Numbers numbers -> numbers(json, numbers);
      case Tensor.Strings strings -> strings(json, strings);
    }
    json.writeEndArray();
  }

  private static void strings(JsonGenerator json, Tensor.Strings strings) throws IOException {
    for (byte[] element : strings.elements()) {
      json.writeString(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(element)).toString());
    }
  }

  private static void numbers(JsonGenerator json, Tensor.Numbers numbers) throws IOException {
    ByteBuffer data = numbers.data();
    while (data.hasRemaining()) {
      switch (numbers.datatype()) {
        case BOOL -> json.writeBoolean(data.get() != 0);
        case UINT8 -> json.writeNumber(data.get() & 0xff);
        case UINT16 -> json.writeNumber(data.getShort() & 0xffff);
        case UINT32 -> json.writeNumber(data.getInt() & 0xffffffffL);
        case UINT64 -> json.writeNumber(Long.toUnsignedString(data.getLong()));
        case INT8 -> json.writeNumber(data.get());
        case INT16 -> json.writeNumber(data.getShort());
        case INT32 -> json.writeNumber(data.getInt());
        case INT64 -> json.writeNumber(data.getLong());
        case FP16 -> real(json, Float.float16ToFloat(data.getShort()));
        case FP32 -> real(json, data.getFloat());
        case FP64 -> real(json, data.getDouble());
        case BYTES -> throw new IllegalStateException("BYTES are no numbers");
      }
    }
  }

  private static void real(JsonGenerator json, float value) throws IOException {
    if (Float.isFinite(value)) {
      json.writeNumber(value);
    } else {
      json.writeNull();
    }
  }

  private static void real(JsonGenerator json, double value) throws IOException {
    if (Double.isFinite(value)) {
      json.writeNumber(value);
    } else {
      json.writeNull();
    }
  }
}
