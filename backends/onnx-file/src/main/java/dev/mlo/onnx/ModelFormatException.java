package dev.mlo.onnx;

import java.io.IOException;

/// Bytes that are not the model they should be.
public final class ModelFormatException extends IOException {
  private final boolean truncated;

  private ModelFormatException(boolean truncated, String message) {
    super(message);
    this.truncated = truncated;
  }

  /// @param offset where in the file reading stopped, in bytes from its start
  static ModelFormatException malformed(long offset, String message) {
    return new ModelFormatException(false, at(offset, message));
  }

  static ModelFormatException truncated(long offset, String message) {
    return new ModelFormatException(true, at(offset, message));
  }

  /// Read to the end, and something is not in it.
  static ModelFormatException incomplete(String message) {
    return new ModelFormatException(false, message);
  }

  private static String at(long offset, String message) {
    return "at byte %d: %s".formatted(offset, message);
  }

  /// Whether more bytes were announced than the file has.
  public boolean isTruncated() {
    return truncated;
  }
}
