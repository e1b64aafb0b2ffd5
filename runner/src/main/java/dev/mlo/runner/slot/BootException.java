package dev.mlo.runner.slot;

/// A runner that has nothing it could serve.
public final class BootException extends Exception {
  BootException(String message, Throwable cause) {
    super(message, cause);
  }
}
