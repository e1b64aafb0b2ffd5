package dev.mlo.oci;

/// A name that was expected to point elsewhere than it does.
public final class ConflictException extends OciException {
  public ConflictException(String message) {
    super(message);
  }
}
