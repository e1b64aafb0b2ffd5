package dev.mlo.runner.infer;

import java.util.concurrent.atomic.AtomicLong;

/// Heap that request bodies may take, all of them together. Each is within its own limit, but a few
/// hundred of them at once would leave nothing for the answers.
public final class BodyMemory {
  /// A body is parsed into tensors and the answer is written beside it: it takes about three times
  /// its size at most.
  private static final int SHARE = 3;

  private final long limit;
  private final AtomicLong taken = new AtomicLong();

  /// A third of the heap this process may have.
  public BodyMemory() {
    this(Runtime.getRuntime().maxMemory() / SHARE);
  }

  BodyMemory(long limit) {
    this.limit = limit;
  }

  /// The largest single body, in bytes.
  public long limit() {
    return limit;
  }

  /// @return whether there was room
  public boolean take(long bytes) {
    if (taken.addAndGet(bytes) <= limit) {
      return true;
    }
    taken.addAndGet(-bytes);
    return false;
  }

  public void giveBack(long bytes) {
    taken.addAndGet(-bytes);
  }

  /// Bytes taken now.
  public long taken() {
    return taken.get();
  }
}
