package dev.mlo.contract;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// What follows the JSON in a body of the binary tensor extension: the bytes of one tensor after
/// the other.
final class BinarySection {
  private static final String SIZE = "binary_data_size";

  private final ByteBuffer rest;

  BinarySection(byte[] body, int start) {
    this.rest = ByteBuffer.wrap(body, start, body.length - start);
  }

  /// Whether a tensor's parameters say that its elements are in the binary section.
  static boolean isNamedBy(@Nullable JsonNode parameters) {
    return parameters != null && parameters.has(SIZE);
  }

  /// The bytes of the next tensor.
  ///
  /// @throws MalformedException when its size is no length or more than is left
  ByteBuffer take(String field, @Nullable JsonNode parameters) throws MalformedException {
    JsonNode size = parameters == null ? null : parameters.get(SIZE);
    if (size == null || !size.isIntegralNumber() || !size.canConvertToLong()) {
      throw new MalformedException("`%s.parameters.%s` is no integer".formatted(field, SIZE));
    }
    long length = size.longValue();
    if (length < 0 || length > rest.remaining()) {
      throw new MalformedException(
          "`%s.parameters.%s` is %d; the body has %d bytes left"
              .formatted(field, SIZE, length, rest.remaining()));
    }
    ByteBuffer bytes = rest.slice(rest.position(), (int) length);
    rest.position(rest.position() + (int) length);
    return bytes;
  }

  void checkUsedUp() throws MalformedException {
    if (rest.hasRemaining()) {
      throw new MalformedException(
          "the body goes on for %d bytes after its last tensor".formatted(rest.remaining()));
    }
  }
}
