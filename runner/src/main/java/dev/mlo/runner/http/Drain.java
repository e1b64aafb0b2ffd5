package dev.mlo.runner.http;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.Scheduler;

/// Reads and forgets what a refused caller still sends. Many a client sends all before it reads,
/// and a connection that is closed on bytes nobody read takes the answer with it.
final class Drain implements Callback, Invocable.Task {
  private static final long MOST_BYTES = 64L << 20;
  private static final long MOST_SECONDS = 5;

  private final Request request;
  private final Callback after;
  private final AtomicBoolean ended = new AtomicBoolean();
  private long left = MOST_BYTES;

  /// @param after told when the request has ended, or has had its time
  Drain(Request request, Callback after) {
    this.request = request;
    this.after = after;
  }

  @Override
  public InvocationType getInvocationType() {
    return InvocationType.NON_BLOCKING;
  }

  /// The answer was sent.
  @Override
  public void succeeded() {
    Scheduler.Task deadline =
        request
            .getComponents()
            .getScheduler()
            .schedule(() -> end(), MOST_SECONDS, TimeUnit.SECONDS);
    Request.addCompletionListener(request, _ -> deadline.cancel());
    run();
  }

  @Override
  public void failed(Throwable e) {
    if (ended.compareAndSet(false, true)) {
      after.failed(e);
    }
  }

  @Override
  public void run() {
    while (!ended.get()) {
      Content.Chunk chunk = request.read();
      if (chunk == null) {
        request.demand(this);
        return;
      }
      left -= chunk.remaining();
      boolean over = chunk.isLast() || Content.Chunk.isFailure(chunk) || left < 0;
      chunk.release();
      if (over) {
        end();
      }
    }
  }

  private void end() {
    if (ended.compareAndSet(false, true)) {
      after.succeeded();
    }
  }
}
