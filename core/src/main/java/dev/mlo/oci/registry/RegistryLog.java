package dev.mlo.oci.registry;

import java.time.Duration;

/// What a conversation with a registry tells a person who waits for it.
public interface RegistryLog {
  /// Says nothing.
  RegistryLog SILENT = (_, _, _) -> {};

  /// Something went wrong that may pass; it is tried again after a pause.
  ///
  /// @param registry the host
  /// @param why in the registry's words, or the network's
  void again(String registry, String why, Duration pause);
}
