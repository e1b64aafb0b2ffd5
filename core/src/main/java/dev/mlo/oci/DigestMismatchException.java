package dev.mlo.oci;

/// Bytes that do not match the digest or the size they were asked for by.
public final class DigestMismatchException extends OciException {
  public DigestMismatchException(String message) {
    super(message);
  }
}
