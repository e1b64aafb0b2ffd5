package dev.mlo.oci;

/// A registry that does not know us, or does not let us do what we asked for.
public final class DeniedException extends OciException {
  private final String registry;

  /// Where the message names the place, and no registry was asked yet.
  public DeniedException(String message) {
    this("HOST", message);
  }

  /// @param registry the host, as a person types it
  public DeniedException(String registry, String message) {
    super(message);
    this.registry = registry;
  }

  public String registry() {
    return registry;
  }
}
