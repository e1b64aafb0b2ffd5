package dev.mlo.backend;

/// An inference that failed. `isClients` tells whether the inputs were to blame.
public final class InferenceException extends Exception {
  private final boolean clients;

  public InferenceException(String message, boolean clients) {
    super(message);
    this.clients = clients;
  }

  public InferenceException(String message, boolean clients, Throwable cause) {
    super(message, cause);
    this.clients = clients;
  }

  public boolean isClients() {
    return clients;
  }
}
