package dev.mlo.runner.infer;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;

/// Sees to it that an inference on a thread that reads connections gives the thread back soon, also
/// when a quick model meets a request that is not: it is told to stop, and then begins anew on a
/// worker.
final class Guard implements AutoCloseable {
  /// Health answers of the port wait this long at most, and for the operator under way.
  private static final long LIMIT_NANOS = 20_000_000;

  private static final long LOOK_NANOS = 5_000_000;

  /// Looks without anybody to watch before the guard sleeps.
  private static final int PATIENCE = 200;

  private final AtomicReferenceArray<Watched> watched = new AtomicReferenceArray<>(8);
  private final Thread thread =
      Thread.ofPlatform().daemon().name("mlo-guard").unstarted(this::look);
  private volatile boolean asleep;
  private volatile boolean closed;

  /// An inference on a borrowed thread.
  final class Watched implements AutoCloseable {
    private final int place;
    private final Runnable stop;
    private final long since = System.nanoTime();

    private Watched(int place, Runnable stop) {
      this.place = place;
      this.stop = stop;
    }

    @Override
    public void close() {
      watched.set(place, null);
    }
  }

  Guard() {
    thread.start();
  }

  /// @param stop from another thread, at any time
  /// @return `null` when enough are watched already
  @org.jspecify.annotations.Nullable
  Watched watch(Runnable stop) {
    for (int i = 0; i < watched.length(); i++) {
      if (watched.getPlain(i) == null) {
        var mine = new Watched(i, stop);
        if (watched.compareAndSet(i, null, mine)) {
          if (asleep) {
            LockSupport.unpark(thread);
          }
          return mine;
        }
      }
    }
    return null;
  }

  private void look() {
    int idle = 0;
    while (!closed) {
      idle = anybody() ? 0 : idle + 1;
      if (idle < PATIENCE) {
        LockSupport.parkNanos(LOOK_NANOS);
      } else {
        asleep = true;
        if (!anybody()) {
          LockSupport.park(this);
        }
        asleep = false;
        idle = 0;
      }
    }
  }

  private boolean anybody() {
    boolean somebody = false;
    for (int i = 0; i < watched.length(); i++) {
      Watched one = watched.get(i);
      if (one != null) {
        somebody = true;
        if (System.nanoTime() - one.since > LIMIT_NANOS) {
          one.stop.run();
        }
      }
    }
    return somebody;
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
