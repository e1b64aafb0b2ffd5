package dev.mlo.cli.failure;

/// How `mlo` ends. The numbers are a promise to scripts.
public enum ExitCode {
  DONE(0, "done"),
  UNEXPECTED(1, "unexpected error"),
  USAGE(2, "wrong usage"),
  MANIFEST(3, "the manifest, the lock or the model is wrong"),
  DENIED(4, "not authenticated or not allowed"),
  NOT_FOUND(5, "not found"),
  REFUSED(6, "a gate or a verification refused"),
  NETWORK(7, "network or registry failed after retries"),
  CONFLICT(8, "conflict: lost race, immutable tag, foreign pointer"),
  INTEGRITY(9, "bytes do not match their digest"),
  WAITING(10, "waiting for approval"),
  DRIFT(11, "drift found"),
  SWAP_REFUSED(12, "swap refused or rolled back; the old model serves"),
  FLEET_MIXED(13, "fleet mixed"),
  INTERRUPTED(130, "interrupted");

  private final int number;
  private final String meaning;

  ExitCode(int number, String meaning) {
    this.number = number;
    this.meaning = meaning;
  }

  public int number() {
    return number;
  }

  public String meaning() {
    return meaning;
  }
}
