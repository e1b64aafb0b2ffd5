package dev.mlo.oci;

import org.jspecify.annotations.Nullable;

/// A network or a registry that did not do its work, although it was asked again.
public final class UnavailableException extends OciException {
  /// What may mend it.
  public enum Remedy {
    /// Another try, later.
    REPEAT,
    /// Another name, another port, another proxy: nobody answers there.
    ADDRESS,
    /// Somebody to vouch for its certificate.
    TRUST,
    /// Saying that it is to be asked without TLS.
    PLAIN,
    /// Not saying so.
    TLS,
    /// A higher limit of whoever stands before the registry.
    LIMIT,
    /// Another registry, which takes what is written.
    WRITABLE,
    /// Patience, or an account.
    ACCOUNT
  }

  private final Remedy remedy;

  public UnavailableException(String message) {
    super(message);
    this.remedy = Remedy.REPEAT;
  }

  public UnavailableException(String message, Throwable cause) {
    this(message, cause, Remedy.REPEAT);
  }

  public UnavailableException(String message, @Nullable Throwable cause, Remedy remedy) {
    super(message, cause);
    this.remedy = remedy;
  }

  public UnavailableException(String message, Remedy remedy) {
    super(message);
    this.remedy = remedy;
  }

  public Remedy remedy() {
    return remedy;
  }
}
