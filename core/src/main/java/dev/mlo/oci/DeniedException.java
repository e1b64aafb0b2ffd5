package dev.mlo.oci;

/// A registry that does not know us, or does not let us do what we asked for.
public final class DeniedException extends OciException {
  private final String registry;

  /// @param registry the host, as a person types it
  public DeniedException(String registry, String message) {
    super(message);
    this.registry = registry;
  }

  public String registry() {
    return registry;
  }
}
