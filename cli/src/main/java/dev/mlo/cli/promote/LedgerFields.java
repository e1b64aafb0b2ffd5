package dev.mlo.cli.promote;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.oci.Digest;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/// The fields of a ledger file, each checked as it is taken out: a ledger may come from elsewhere.
record LedgerFields(JsonNode node) {
  String text(String field) throws LedgerFormatException {
    @Nullable String value = node.path(field).textValue();
    if (value == null) {
      throw new LedgerFormatException("`" + field + "` is missing or no text");
    }
    return value;
  }

  @Nullable String textOrNull(String field) {
    return node.path(field).textValue();
  }

  Digest digest(String field) throws LedgerFormatException {
    try {
      return Digest.parse(text(field));
    } catch (IllegalArgumentException e) {
      throw new LedgerFormatException("`" + field + "`: " + e.getMessage());
    }
  }

  @Nullable Digest digestOrNull(String field) throws LedgerFormatException {
    return node.hasNonNull(field) ? digest(field) : null;
  }

  /// A whole number that is not negative.
  long count(String field) throws LedgerFormatException {
    JsonNode value = node.path(field);
    if (!value.isIntegralNumber() || !value.canConvertToLong() || value.longValue() < 0) {
      throw new LedgerFormatException("`" + field + "` is missing or no count");
    }
    return value.longValue();
  }

  int sequence(String field) throws LedgerFormatException {
    long value = count(field);
    if (value > Ledger.LAST_SEQUENCE) {
      throw new LedgerFormatException("`" + field + "` is out of range: " + value);
    }
    return (int) value;
  }

  Instant instant(String field) throws LedgerFormatException {
    String text = text(field);
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new LedgerFormatException("`" + field + "` is no UTC time: " + text);
    }
  }

  JsonNode object(String field) throws LedgerFormatException {
    JsonNode value = node.path(field);
    if (!value.isObject()) {
      throw new LedgerFormatException("`" + field + "` is missing or no object");
    }
    return value;
  }

  @Nullable JsonNode objectOrNull(String field) {
    JsonNode value = node.path(field);
    return value.isObject() ? value : null;
  }

  void schema() throws LedgerFormatException {
    String schema = text("schema");
    if (!schema.equals(Ledger.FORMAT)) {
      throw new LedgerFormatException(
          "`schema` is `" + schema + "`; this mlo writes " + Ledger.FORMAT);
    }
  }
}
