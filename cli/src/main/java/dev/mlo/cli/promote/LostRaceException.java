package dev.mlo.cli.promote;

import org.jspecify.annotations.Nullable;

/// Somebody else changed the environment between our reading and our writing.
final class LostRaceException extends Exception {
  private final transient @Nullable EnvironmentRecord now;
  private final transient @Nullable LedgerEvent event;

  /// @param now what the environment is now
  /// @param event what made it so
  LostRaceException(@Nullable EnvironmentRecord now, @Nullable LedgerEvent event) {
    super("lost a race");
    this.now = now;
    this.event = event;
  }

  @Nullable EnvironmentRecord now() {
    return now;
  }

  @Nullable LedgerEvent event() {
    return event;
  }
}
