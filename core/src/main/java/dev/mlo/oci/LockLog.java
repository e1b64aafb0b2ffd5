package dev.mlo.oci;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/// What is told to a person who waits for a lock.
public interface LockLog {
  /// Who is told, where anybody is: whoever opens a store is far from whoever talks to people.
  ScopedValue<LockLog> TOLD = ScopedValue.newInstance();

  /// @param file the lock
  /// @param holder `process 4711`, or `another process`
  /// @param atMost how long the wait may last
  void waiting(Path file, String holder, Duration atMost);

  /// One wait, which is told once when it has lasted a while.
  final class Wait {
    /// How long nobody need be told.
    private static final Duration UNTOLD = Duration.ofSeconds(1);

    /// Who holds the lock.
    @FunctionalInterface
    public interface Holder {
      String name() throws IOException;
    }

    private final Path file;
    private final Duration atMost;
    private final long since = System.nanoTime();
    private boolean told;

    public Wait(Path file, Duration atMost) {
      this.file = file;
      this.atMost = atMost;
    }

    /// The lock is still held.
    public void goesOn(Holder holder) throws IOException {
      if (!told && System.nanoTime() - since >= UNTOLD.toNanos()) {
        told = true;
        if (TOLD.isBound()) {
          TOLD.get().waiting(file, holder.name(), atMost);
        }
      }
    }
  }
}
