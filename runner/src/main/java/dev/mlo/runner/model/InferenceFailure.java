package dev.mlo.runner.model;

/// An engine that gave no answer; `isClients` tells whether the inputs were to blame.
public final class InferenceFailure extends Exception {
  private final boolean clients;

  InferenceFailure(String message, boolean clients, Throwable cause) {
    super(message, cause);
    this.clients = clients;
  }

  public boolean isClients() {
    return clients;
  }
}
