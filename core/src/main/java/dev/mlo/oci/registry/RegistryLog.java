package dev.mlo.oci.registry;

import java.time.Duration;

/// What a conversation with a registry tells a person who waits for it.
public interface RegistryLog {
  /// Says nothing.
  RegistryLog SILENT = (_, _, _, _, _) -> {};

  /// A registry has said nothing for a while, or wants to be left alone.
  ///
  /// @param registry the host
  /// @param what is waited for
  /// @param atMost how much longer
  default void waiting(String registry, String what, Duration atMost) {}

  /// Something went wrong that may pass; it is tried again after a pause.
  ///
  /// @param registry the host
  /// @param why in the registry's words, or the network's
  /// @param next which try the next one is, from 2
  /// @param of how many tries there are at most
  void again(String registry, String why, Duration pause, int next, int of);
}
