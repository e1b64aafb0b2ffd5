package dev.mlo.oci;

/// A registry that does not know us, or does not let us do what we asked for.
public final class DeniedException extends OciException {
  private final String registry;
  private final String remedy;

  /// Where the message names the place, and no registry was asked yet.
  public DeniedException(String message) {
    this("HOST", message);
  }

  /// @param registry the host, as a person types it
  public DeniedException(String registry, String message) {
    this(registry, message, "mlo login " + registry);
  }

  /// Where logging in would not help.
  ///
  /// @param remedy what to type instead
  public DeniedException(String registry, String message, String remedy) {
    super(message);
    this.registry = registry;
    this.remedy = remedy;
  }

  public String registry() {
    return registry;
  }

  /// What to try, as a person types it.
  public String remedy() {
    return remedy;
  }
}
