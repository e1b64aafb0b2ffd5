package dev.mlo.oci;

/// A network or a registry that did not do its work, although it was asked again.
public final class UnavailableException extends OciException {
  public UnavailableException(String message) {
    super(message);
  }

  public UnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
