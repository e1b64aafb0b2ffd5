package dev.mlo.runner.model;

/// A version that cannot be served: its files, its card or its engine say no.
public final class VersionException extends Exception {
  private final String code;

  /// @param code a word for programs, stable between releases: `file_mismatch`
  public VersionException(String code, String message) {
    super(message);
    this.code = code;
  }

  public VersionException(String code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public String code() {
    return code;
  }
}
