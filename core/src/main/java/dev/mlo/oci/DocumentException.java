package dev.mlo.oci;

/// A manifest, index or configuration that does not say what it must.
public final class DocumentException extends OciException {
  public DocumentException(String message) {
    super(message);
  }
}
