package dev.mlo.backend.onnx;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.mlo.backend.Cancellation;
import org.jspecify.annotations.Nullable;

/// What an inference is stopped by. One that was used to stop stays set, and is thrown away.
final class RunOptionsPool implements AutoCloseable {
  private final Pool<OrtSession.RunOptions> pool = new Pool<>();

  /// For one inference; to be closed when nobody can stop it any more.
  record Loan(
      Pool<OrtSession.RunOptions> pool, OrtSession.RunOptions options, Cancellation cancellation)
      implements AutoCloseable {
    @Override
    public void close() {
      if (cancellation.isCancelled()) {
        options.close();
      } else {
        pool.add(options);
      }
    }
  }

  Loan take(Cancellation cancellation) throws OrtException {
    OrtSession.@Nullable RunOptions known = pool.poll();
    return new Loan(pool, known == null ? new OrtSession.RunOptions() : known, cancellation);
  }

  /// @implNote nobody infers any more
  @Override
  public void close() {
    pool.close();
  }
}
