package dev.mlo.contract;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The `outputs` of a request: which ones it asks for, and whether it wants them as bytes.
///
/// @param binary what `parameters.binary_data` says of single outputs
record WantedOutputs(List<String> names, Map<String, Boolean> binary) {
  static final WantedOutputs ALL = new WantedOutputs(List.of(), Map.of());

  /// An output that is asked for twice is a mistake.
  static WantedOutputs read(JsonParser parser) throws IOException, MalformedException {
    if (parser.currentToken() != JsonToken.START_ARRAY) {
      throw new MalformedException("`outputs` is no list");
    }
    var names = new LinkedHashSet<String>();
    var binary = new HashMap<String, Boolean>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      String field = "outputs[" + names.size() + "]";
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        throw new MalformedException("`" + field + "` is no object");
      }
      JsonNode output = parser.readValueAsTree();
      if (!output.path("name").isTextual()) {
        throw new MalformedException("`" + field + ".name` is missing or no text");
      }
      String name = output.path("name").textValue();
      if (!names.add(name)) {
        throw new MalformedException("output `" + name + "` is asked for twice");
      }
      Boolean bytes = binary(field, output.path("parameters"));
      if (bytes != null) {
        binary.put(name, bytes);
      }
    }
    return new WantedOutputs(List.copyOf(names), binary);
  }

  private static @Nullable Boolean binary(String field, JsonNode parameters)
      throws MalformedException {
    RequestFields.checkObject(field + ".parameters", parameters);
    RequestFields.refuseUnspoken(field, parameters::has);
    return flag(field + ".parameters.binary_data", parameters.path("binary_data"));
  }

  private static @Nullable Boolean flag(String field, JsonNode value) throws MalformedException {
    if (value.isMissingNode() || value.isNull()) {
      return null;
    }
    if (!value.isBoolean()) {
      throw new MalformedException("`" + field + "` is neither true nor false");
    }
    return value.booleanValue();
  }

  /// @param parameters of the request; `binary_data_output` is for all outputs that say nothing
  OutputForm form(@Nullable JsonNode parameters) throws MalformedException {
    Boolean all =
        parameters == null
            ? null
            : flag("parameters.binary_data_output", parameters.path("binary_data_output"));
    return all == null && binary.isEmpty()
        ? OutputForm.JSON
        : new OutputForm(Boolean.TRUE.equals(all), binary);
  }
}
