package dev.mlo.runner.http;

import dev.mlo.runner.infer.BodyMemory;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/// Collects a request's body without ever waiting for it: 413 when it is larger than allowed, 408
/// when it drips, 503 when all bodies together take too much memory.
final class BodyReader implements Invocable.Task {
  /// What to do with the body.
  @FunctionalInterface
  interface Receiver {
    void receive(byte[] body) throws Exception;
  }

  /// A body that is not here by then never will be.
  private static final long SECONDS = 60;

  /// What a client announces is not taken from memory before as much has come.
  private static final int AHEAD = 64 << 10;

  private final Exchange exchange;
  private final Request request;
  private final BodyMemory memory;
  private final long limit;
  private final long announced;
  private final Receiver receiver;
  private Scheduler.@Nullable Task deadline;
  private byte[] body = new byte[0];
  private int length;
  private long taken;

  private BodyReader(Exchange exchange, BodyMemory memory, long limit, Receiver receiver) {
    this.exchange = exchange;
    this.request = exchange.request();
    this.memory = memory;
    this.limit = limit;
    this.announced = request.getLength();
    this.receiver = receiver;
    exchange.whenAnswered(status -> memory.giveBack(taken));
  }

  /// @param limit the largest body, in bytes
  static void read(Exchange exchange, BodyMemory memory, long limit, Receiver receiver)
      throws HttpRefusal {
    if (exchange.request().getLength() > limit) {
      throw tooLarge(limit);
    }
    new BodyReader(exchange, memory, limit, receiver).run();
  }

  private static HttpRefusal tooLarge(long limit) {
    return new HttpRefusal(
        413, "too_large", "the body is larger than the %d bytes allowed".formatted(limit));
  }

  @Override
  public InvocationType getInvocationType() {
    return InvocationType.NON_BLOCKING;
  }

  @Override
  public void run() {
    try {
      if (collect()) {
        cancelDeadline();
        receiver.receive(length == body.length ? body : Arrays.copyOf(body, length));
      }
    } catch (Exception | LinkageError | OutOfMemoryError e) {
      cancelDeadline();
      exchange.fail(e);
    }
  }

  /// Most bodies are here with their head and need none.
  private void setDeadline() {
    if (deadline == null) {
      deadline =
          request
              .getComponents()
              .getScheduler()
              .schedule(
                  () -> request.fail(new TimeoutException("body")), SECONDS, TimeUnit.SECONDS);
    }
  }

  private void cancelDeadline() {
    if (deadline != null) {
      deadline.cancel();
    }
  }

  /// @return whether the body is complete
  private boolean collect() throws Exception {
    while (true) {
      Content.Chunk chunk = request.read();
      if (chunk == null) {
        setDeadline();
        request.demand(this);
        return false;
      }
      if (Content.Chunk.isFailure(chunk)) {
        throw failure(chunk.getFailure());
      }
      boolean last = chunk.isLast();
      append(chunk);
      if (last) {
        return true;
      }
    }
  }

  private static Exception failure(Throwable cause) {
    return cause instanceof Exception e ? e : new IllegalStateException(cause);
  }

  private void append(Content.Chunk chunk) throws HttpRefusal {
    try {
      int more = chunk.getByteBuffer().remaining();
      if (length + (long) more > limit) {
        throw tooLarge(limit);
      }
      grow(length + more);
      chunk.getByteBuffer().get(body, length, more);
      length += more;
    } finally {
      chunk.release();
    }
  }

  private void grow(int needed) throws HttpRefusal {
    if (needed <= body.length) {
      return;
    }
    long capacity = Math.min(limit, Math.max(needed, 2L * body.length));
    if (announced >= needed && announced - AHEAD <= capacity) {
      capacity = announced;
    }
    if (!memory.take(capacity - body.length)) {
      throw HttpRefusal.later(
          503, "busy", "the requests under way take all memory there is for them");
    }
    taken += capacity - body.length;
    body = Arrays.copyOf(body, (int) capacity);
  }
}
