package dev.mlo.oci;

/// A manifest or an index with its exact bytes.
public final class Document {
  private final Descriptor descriptor;
  private final byte[] bytes;

  /// @param bytes not copied
  public Document(Descriptor descriptor, byte[] bytes) {
    this.descriptor = descriptor;
    this.bytes = bytes;
  }

  public Descriptor descriptor() {
    return descriptor;
  }

  public byte[] bytes() {
    return bytes;
  }
}
