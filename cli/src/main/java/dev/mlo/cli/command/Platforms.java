package dev.mlo.cli.command;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.oci.Platform;

/// Platforms as words of the command line.
final class Platforms {
  private Platforms() {}

  /// @throws Failure USAGE when the word is no platform
  static Platform parse(String word) {
    try {
      return Platform.parse(word);
    } catch (IllegalArgumentException e) {
      throw Failure.of(ExitCode.USAGE, String.valueOf(e.getMessage())).cause(e);
    }
  }
}
