package dev.mlo.oci;

/// A store that cannot be read or written: not a layout, read-only, full, locked.
public final class StoreException extends OciException {
  public StoreException(String message) {
    super(message);
  }

  public StoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
