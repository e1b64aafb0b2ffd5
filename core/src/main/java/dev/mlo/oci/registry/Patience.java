package dev.mlo.oci.registry;

import java.time.Duration;

/// How long a registry may take.
///
/// @param connect to accept a connection
/// @param silence without a byte in either direction
/// @param tries of one request in all, as long as nothing moves
public record Patience(Duration connect, Duration silence, int tries) {
  public static final Patience USUAL =
      new Patience(Duration.ofSeconds(5), Duration.ofSeconds(8), 5);

  /// A registry that was given much may need a while before it says that it has it: it hashes, or
  /// moves the parts of it together.
  Duration after(long sent) {
    return silence.plusSeconds(sent >> 25);
  }
}
