package dev.mlo.runner.slot;

import dev.mlo.runner.model.LoadedVersion;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A loaded version and the count of those who use it: the slot itself, and one a request. Whoever
/// leaves last has it closed, on a thread that serves no requests; closing a session under a
/// request ends the process.
final class Held {
  private final LoadedVersion version;
  private final Executor closer;
  private final Runnable whenClosed;
  private final AtomicInteger references = new AtomicInteger(1);
  private volatile @Nullable CompletableFuture<Void> idle;

  Held(LoadedVersion version, Executor closer, Runnable whenClosed) {
    this.version = version;
    this.closer = closer;
    this.whenClosed = whenClosed;
  }

  LoadedVersion version() {
    return version;
  }

  /// False once the last reference is gone; never brings a version back.
  boolean tryRetain() {
    int count = references.get();
    while (count > 0) {
      if (references.compareAndSet(count, count + 1)) {
        return true;
      }
      count = references.get();
    }
    return false;
  }

  void release() {
    int left = references.decrementAndGet();
    CompletableFuture<Void> waiting = idle;
    if (left <= 1 && waiting != null) {
      waiting.complete(null);
    }
    if (left == 0) {
      closer.execute(this::close);
    }
  }

  private void close() {
    version.close();
    whenClosed.run();
  }

  /// Requests that use this version now.
  int requests() {
    return Math.max(0, references.get() - 1);
  }

  /// Waits until no request uses the version, or the time is over.
  ///
  /// @return whether it became idle
  boolean awaitIdle(Duration atMost) throws InterruptedException {
    var waiting = new CompletableFuture<Void>();
    idle = waiting;
    if (references.get() <= 1) {
      return true;
    }
    try {
      waiting.get(atMost.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException | ExecutionException e) {
      return false;
    } finally {
      idle = null;
    }
  }
}
