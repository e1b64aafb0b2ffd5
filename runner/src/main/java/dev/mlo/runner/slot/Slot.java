package dev.mlo.runner.slot;

import dev.mlo.contract.ServeSettings;
import dev.mlo.contract.Serving;
import dev.mlo.runner.model.LoadedVersion;
import dev.mlo.runner.model.ModelVersion;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The one place from which requests get their model: an active version, and beside it at most one
/// candidate and one previous version. Leasing takes no lock; only one thread at a time, that of a
/// swap, a rollback or the boot, changes who sits where.
public final class Slot implements AutoCloseable {
  /// The longest an engine may take to close a model when the process stops.
  private static final long CLOSE_SECONDS = 5;

  /// After the slot was closed, whoever leaves last closes the version himself.
  private final ExecutorService closer =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(),
          Thread.ofPlatform().daemon().name("mlo-closer").factory(),
          (task, pool) -> task.run());

  private final Runnable trim = NativeMemory.trimmer();
  private volatile Seats seats = Seats.EMPTY;
  private volatile boolean stopping;

  /// A lease on the active version; empty while nothing is active.
  public Optional<Lease> lease() {
    return lease(Role.ACTIVE);
  }

  /// A lease on the version of this name, whichever seat it has; the active one comes first.
  public Optional<Lease> lease(String version) {
    return seats.roleOf(version).flatMap(this::lease);
  }

  /// Whether a version of this name has a seat.
  public boolean holds(String version) {
    return seats.roleOf(version).isPresent();
  }

  Optional<Lease> lease(Role role) {
    while (true) {
      Seats.Seat seat = seats.at(role);
      if (seat == null) {
        return Optional.empty();
      }
      if (seat.held().tryRetain()) {
        return Optional.of(new Lease(seat, role));
      }
      // Closed between the two reads: the seat has somebody else by now.
      Thread.onSpinWait();
    }
  }

  /// Whether requests may be sent here: a version that answered its examples is active, and nobody
  /// has asked the process to stop.
  public boolean isReady() {
    return !stopping && seats.active() != null;
  }

  /// Says "not ready" from now on; requests are still answered.
  public void stopping() {
    stopping = true;
  }

  public @Nullable Serving serving(Role role) {
    Seats.Seat seat = seats.at(role);
    return seat == null ? null : seat.serving();
  }

  /// Every version that is loaded, the active one first.
  public List<Serving> loaded() {
    return Arrays.stream(Role.values()).map(this::serving).filter(Objects::nonNull).toList();
  }

  /// How the active version wants to be served.
  public ServeSettings settings() {
    Seats.Seat active = seats.active();
    return active == null ? ServeSettings.DEFAULT : active.held().version().card().serve();
  }

  public long generation() {
    Serving active = serving(Role.ACTIVE);
    return active == null ? 0 : active.generation();
  }

  Seats seats() {
    return seats;
  }

  Seats.Seat seat(LoadedVersion loaded, long generation) {
    ModelVersion version = loaded.version();
    Serving serving =
        new Serving(
            version.card().name(),
            version.card().version(),
            version.image(),
            version.imageDigest(),
            version.card().digest(),
            generation);
    return new Seats.Seat(new Held(loaded, closer, trim), serving);
  }

  /// The flip: one reference assignment.
  ///
  /// @return nanoseconds it took
  long flip(Seats next) {
    long start = System.nanoTime();
    seats = next;
    return System.nanoTime() - start;
  }

  /// Gives all versions up; those under a request are closed when it ends.
  @Override
  public void close() {
    Seats last = seats;
    seats = Seats.EMPTY;
    for (Role role : Role.values()) {
      Seats.Seat seat = last.at(role);
      if (seat != null) {
        seat.held().release();
      }
    }
    closer.shutdown();
    try {
      closer.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
