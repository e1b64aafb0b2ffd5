package dev.mlo.json;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Bytes that are not the JSON document they should be; the message names line and column where the
/// parser stopped.
public final class JsonFormatException extends IOException {
  public JsonFormatException(String message) {
    super(message);
  }

  static JsonFormatException of(JsonProcessingException e) {
    @Nullable JsonLocation at = e.getLocation();
    String where =
        at == null || at.getLineNr() < 1
            ? ""
            : " at line " + at.getLineNr() + ", column " + at.getColumnNr();
    // The parser also tells where the piece it looks for began, in a form for its own developers.
    String what = e.getOriginalMessage().replaceAll(" \\(start marker at \\[.*?\\]\\)", "");
    return new JsonFormatException(what + where);
  }
}
