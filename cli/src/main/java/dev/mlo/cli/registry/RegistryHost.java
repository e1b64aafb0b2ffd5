package dev.mlo.cli.registry;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.oci.ImageName;

/// What a person types to name a registry: `registry.example.com`, `localhost:5000`.
record RegistryHost(String name) {
  /// Addresses that people copy from their browser are understood; a path or an unencrypted address
  /// is not what they think it is.
  ///
  /// @throws Failure when it names no registry
  static RegistryHost parse(String typed, String command) {
    String host = typed.strip().replaceFirst("^https://", "").replaceFirst("/+$", "");
    try {
      if (!host.contains("/")
          && ImageName.parse(host + "/x") instanceof ImageName.InRegistry name
          && name.host().equals(host)) {
        return new RegistryHost(host);
      }
    } catch (IllegalArgumentException e) {
      throw wrong(typed, command);
    }
    throw wrong(typed, command);
  }

  private static Failure wrong(String typed, String command) {
    return Failure.of(ExitCode.USAGE, "`" + typed + "` is no host of a registry")
        .why("expected HOST or HOST:PORT, without a path: what is kept holds for all of a registry")
        .hint(command + " registry.example.com");
  }
}
