package dev.mlo.oci.registry;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The body of an answer as a stream that does not wait for ever: a registry that falls silent ends
/// it with an exception. Reading can be interrupted. Measured to cost half of what the JDK's own
/// stream does.
final class IncomingBody extends InputStream implements HttpResponse.BodySubscriber<InputStream> {
  /// Buffers on their way; bounds the memory.
  private static final int AHEAD = 8;

  private sealed interface Event {
    record Bytes(List<ByteBuffer> buffers) implements Event {}

    record End(@Nullable Throwable failure) implements Event {}
  }

  private final Duration silence;
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private final CompletableFuture<Flow.Subscription> subscribed = new CompletableFuture<>();
  private Iterator<ByteBuffer> buffers = List.<ByteBuffer>of().iterator();
  private ByteBuffer current = ByteBuffer.allocate(0);
  private Event.@Nullable End end;

  IncomingBody(Duration silence) {
    this.silence = silence;
  }

  @Override
  public CompletionStage<InputStream> getBody() {
    return CompletableFuture.completedFuture(this);
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    if (!subscribed.complete(subscription)) {
      subscription.cancel();
      return;
    }
    subscription.request(AHEAD);
  }

  @Override
  public void onNext(List<ByteBuffer> item) {
    events.add(new Event.Bytes(item));
  }

  @Override
  public void onError(Throwable throwable) {
    events.add(new Event.End(throwable));
  }

  @Override
  public void onComplete() {
    events.add(new Event.End(null));
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    while (!current.hasRemaining()) {
      if (buffers.hasNext()) {
        current = buffers.next();
      } else if (!next()) {
        return -1;
      }
    }
    int n = Math.min(length, current.remaining());
    current.get(bytes, offset, n);
    return n;
  }

  /// @return false at the end
  private boolean next() throws IOException {
    if (end == null) {
      switch (await()) {
        case Event.Bytes bytes -> {
          buffers = bytes.buffers().iterator();
          subscribed.join().request(1);
          return true;
        }
        case Event.End ended -> end = ended;
      }
    }
    if (end.failure() != null) {
      throw new IOException("the connection broke: " + end.failure().getMessage(), end.failure());
    }
    return false;
  }

  private Event await() throws IOException {
    try {
      @Nullable Event event = events.poll(silence.toMillis(), TimeUnit.MILLISECONDS);
      if (event == null) {
        close();
        throw new HttpTimeoutException("nothing came for " + Transport.inWords(silence));
      }
      return event;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      close();
      throw new InterruptedIOException("interrupted");
    }
  }

  /// Gives the connection back when the body is at its end, closes it otherwise; also when that is
  /// asked before the connection has said that the body comes.
  @Override
  public void close() {
    if (!subscribed.complete(new Closed())) {
      subscribed.join().cancel();
    }
  }

  /// Stands where the connection's subscription would: nothing is wanted of it any more.
  private record Closed() implements Flow.Subscription {
    @Override
    public void request(long n) {}

    @Override
    public void cancel() {}
  }
}
