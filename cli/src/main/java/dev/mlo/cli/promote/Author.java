package dev.mlo.cli.promote;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/// Who writes events, with what and when.
///
/// @param tool the version of `mlo`
public record Author(Actor actor, String tool, InstantSource clock) {
  Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.SECONDS);
  }
}
