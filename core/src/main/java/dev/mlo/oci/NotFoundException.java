package dev.mlo.oci;

/// A name or a digest that the store does not hold.
public final class NotFoundException extends OciException {
  public NotFoundException(String message) {
    super(message);
  }
}
