package dev.mlo.json;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Bytes that are not the JSON document they should be; the message names line and column where the
/// parser stopped, or the field that is not as it should be. What Java calls things is not in it.
public final class JsonFormatException extends IOException {
  public JsonFormatException(String message) {
    super(message);
  }

  static JsonFormatException of(JsonProcessingException e) {
    return new JsonFormatException(
        switch (e) {
          case ValueInstantiationException made
              when made.getCause() instanceof NullPointerException ->
              field(made) + " lacks a part that it needs";
          case ValueInstantiationException made when made.getCause() != null ->
              field(made) + ": " + made.getCause().getMessage();
          case MismatchedInputException other -> field(other) + " " + mismatch(other);
          default -> syntax(e);
        });
  }

  /// Jackson says it in words for the author of the class.
  private static String mismatch(MismatchedInputException e) {
    String said = e.getOriginalMessage();
    if (said.startsWith("Trailing token")) {
      return "is followed by something else";
    }
    return said.startsWith("Missing required creator property")
            || said.startsWith("Null value for creator property")
        ? "lacks `" + said.replaceFirst("^[^']*'([^']*)'.*", "$1") + "`"
        : "is not of the kind that is expected";
  }

  private static String field(JsonMappingException e) {
    var path = new StringBuilder();
    for (JsonMappingException.Reference step : e.getPath()) {
      if (step.getFieldName() == null) {
        path.append('[').append(step.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
      }
    }
    return path.isEmpty() ? "the document" : "`" + path + "`";
  }

  private static String syntax(JsonProcessingException e) {
    @Nullable JsonLocation at = e.getLocation();
    String where =
        at == null || at.getLineNr() < 1
            ? ""
            : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
    // The parser also tells where the piece it looks for began, in a form for its own developers.
    return e.getOriginalMessage().replaceAll(" \\(start marker at \\[.*?\\]\\)", "") + where;
  }
}
