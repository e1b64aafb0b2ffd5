package dev.mlo.acceptance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/// What a command left behind.
public record Outcome(int exit, String stdout, String stderr) {
  /// The document of `-o json`.
  public JsonNode json() {
    try {
      return new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .readTree(stdout);
    } catch (JsonProcessingException e) {
      throw new AssertionError("stdout is not one JSON document: " + this, e);
    }
  }

  /// The single line of `-q`.
  public String word() {
    return stdout.strip();
  }
}
