package dev.mlo.runner.http;

import java.io.ByteArrayOutputStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.util.thread.Invocable;
import org.eclipse.jetty.util.thread.Scheduler;

/// Collects a request's body without ever waiting for it: 413 when it is larger than allowed, 408
/// when it drips.
final class BodyReader implements Invocable.Task {
  /// What to do with the body.
  @FunctionalInterface
  interface Receiver {
    void receive(byte[] body) throws Exception;
  }

  /// A body that is not here by then never will be.
  private static final long SECONDS = 60;

  private final Exchange exchange;
  private final Request request;
  private final long limit;
  private final Receiver receiver;
  private final ByteArrayOutputStream body;
  private final Scheduler.Task deadline;

  private BodyReader(Exchange exchange, long limit, int expected, Receiver receiver) {
    this.exchange = exchange;
    this.request = exchange.request();
    this.limit = limit;
    this.receiver = receiver;
    this.body = new ByteArrayOutputStream(expected);
    this.deadline =
        request
            .getComponents()
            .getScheduler()
            .schedule(() -> request.fail(new TimeoutException("body")), SECONDS, TimeUnit.SECONDS);
  }

  /// @param limit the largest body, in bytes
  static void read(Exchange exchange, long limit, Receiver receiver) throws HttpRefusal {
    long announced = exchange.request().getLength();
    if (announced > limit) {
      throw tooLarge(limit);
    }
    // What a client announces is not taken from memory before it comes.
    int expected = (int) Math.clamp(announced, 256L, 1L << 20);
    new BodyReader(exchange, limit, expected, receiver).run();
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
        deadline.cancel();
        receiver.receive(body.toByteArray());
      }
    } catch (Exception | LinkageError e) {
      deadline.cancel();
      exchange.fail(e);
    }
  }

  /// @return whether the body is complete
  private boolean collect() throws Exception {
    while (true) {
      Content.Chunk chunk = request.read();
      if (chunk == null) {
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
      int length = chunk.getByteBuffer().remaining();
      if (body.size() + (long) length > limit) {
        throw tooLarge(limit);
      }
      byte[] bytes = new byte[length];
      chunk.getByteBuffer().get(bytes);
      body.write(bytes, 0, length);
    } finally {
      chunk.release();
    }
  }
}
