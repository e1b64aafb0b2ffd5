package dev.mlo.cli.model;

import java.io.IOException;

/// Bytes that are not the model they should be.
final class ModelFormatException extends IOException {
  private final long offset;
  private final boolean truncated;

  private ModelFormatException(long offset, boolean truncated, String message) {
    super(message);
    this.offset = offset;
    this.truncated = truncated;
  }

  static ModelFormatException malformed(long offset, String message) {
    return new ModelFormatException(offset, false, message);
  }

  static ModelFormatException truncated(long offset, String message) {
    return new ModelFormatException(offset, true, message);
  }

  /// Where in the file reading stopped, in bytes from its start.
  long offset() {
    return offset;
  }

  /// Whether more bytes were announced than the file has.
  boolean isTruncated() {
    return truncated;
  }
}
