package dev.mlo.backend.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.mlo.backend.Cancellation;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// What an inference is stopped by, kept for the next one: to make it anew takes as long as a small
/// inference. One that was used to stop stays set, and is thrown away.
final class RunOptionsPool implements AutoCloseable {
  /// More inferences at once make their own.
  private static final int KEPT = 64;

  private final ConcurrentLinkedQueue<OrtSession.RunOptions> idle = new ConcurrentLinkedQueue<>();
  private final AtomicInteger kept = new AtomicInteger();

  /// For one inference; to be closed when nobody can stop it any more.
  record Loan(RunOptionsPool pool, OrtSession.RunOptions options, Cancellation cancellation)
      implements AutoCloseable {
    @Override
    public void close() {
      pool.giveBack(options, cancellation.isCancelled());
    }
  }

  Loan take(Cancellation cancellation) throws OrtException {
    OrtSession.@Nullable RunOptions known = idle.poll();
    if (known == null) {
      return new Loan(this, new OrtSession.RunOptions(), cancellation);
    }
    kept.decrementAndGet();
    return new Loan(this, known, cancellation);
  }

  private void giveBack(OrtSession.RunOptions options, boolean used) {
    if (used || kept.incrementAndGet() > KEPT) {
      if (!used) {
        kept.decrementAndGet();
      }
      options.close();
    } else {
      idle.add(options);
    }
  }

  /// @implNote nobody infers any more
  @Override
  public void close() {
    for (var options = idle.poll(); options != null; options = idle.poll()) {
      options.close();
    }
  }
}
