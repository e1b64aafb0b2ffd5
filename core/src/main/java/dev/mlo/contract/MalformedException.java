package dev.mlo.contract;

/// A request or an example that cannot be understood; the message names the field and the reason.
public final class MalformedException extends Exception {
  public MalformedException(String message) {
    super(message);
  }
}
