package dev.mlo.backend.onnx;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Things of the engine's that are kept from one inference to the next, because to make them anew
/// takes as long as a small inference. Any number of threads may use it.
final class Pool<T extends AutoCloseable> implements AutoCloseable {
  /// More inferences at once make their own.
  private static final int KEPT = 64;

  private final ConcurrentLinkedQueue<T> idle = new ConcurrentLinkedQueue<>();
  private final AtomicInteger kept = new AtomicInteger();
  private volatile boolean closed;

  /// One that nobody uses; `null` when there is none.
  @Nullable T poll() {
    @Nullable T one = idle.poll();
    if (one != null) {
      kept.decrementAndGet();
    }
    return one;
  }

  /// Takes one over that nobody uses any more, and closes it where there are enough.
  void add(T one) {
    if (kept.incrementAndGet() > KEPT) {
      kept.decrementAndGet();
      OnnxSession.close(one);
      return;
    }
    idle.add(one);
    if (closed) {
      closeIdle();
    }
  }

  /// What is in use now is closed when it comes back.
  @Override
  public void close() {
    closed = true;
    closeIdle();
  }

  private void closeIdle() {
    for (@Nullable T one = poll(); one != null; one = poll()) {
      OnnxSession.close(one);
    }
  }
}
