package dev.mlo.oci;

import java.nio.file.Path;
import java.time.Duration;

/// What is told to a person who waits for a lock.
public interface LockLog {
  /// Who is told, where anybody is: whoever opens a store is far from whoever talks to people.
  ScopedValue<LockLog> TOLD = ScopedValue.newInstance();

  /// How long nobody need be told.
  Duration UNTOLD = Duration.ofSeconds(1);

  /// @param file the lock
  /// @param holder `process 4711`, or `another process`
  /// @param atMost how long the wait may last
  void waiting(Path file, String holder, Duration atMost);

  static void tell(Path file, String holder, Duration atMost) {
    if (TOLD.isBound()) {
      TOLD.get().waiting(file, holder, atMost);
    }
  }
}
