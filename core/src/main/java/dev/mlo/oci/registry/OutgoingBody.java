package dev.mlo.oci.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/// The body of a request, read from its content as the connection takes it; memory stays flat for
/// any size.
final class OutgoingBody implements HttpRequest.BodyPublisher {
  private static final int CHUNK = 256 << 10;

  private final Content content;
  private final Progress progress;

  /// How far an attempt has come; written by the connection's thread, watched by another.
  static final class Progress {
    private volatile long sent;
    private volatile long movedAt = System.nanoTime();
    private volatile @Nullable Exception failure;

    long sent() {
      return sent;
    }

    /// `System.nanoTime()` of the last movement.
    long movedAt() {
      return movedAt;
    }

    /// What went wrong with the content itself, which is not the connection's fault.
    @Nullable Exception failure() {
      return failure;
    }

    private void moved(long total) {
      sent = total;
      movedAt = System.nanoTime();
    }

    private void failed(Exception e) {
      failure = e;
    }
  }

  OutgoingBody(Content content, Progress progress) {
    this.content = content;
    this.progress = progress;
  }

  @Override
  public long contentLength() {
    return content.length();
  }

  @Override
  public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
    new Sending(subscriber).start();
  }

  private final class Sending implements Flow.Subscription {
    private final Flow.Subscriber<? super ByteBuffer> subscriber;
    private @Nullable InputStream in;
    private long wanted;
    private long left = content.length();
    private boolean running;
    private boolean done;

    Sending(Flow.Subscriber<? super ByteBuffer> subscriber) {
      this.subscriber = subscriber;
    }

    void start() {
      subscriber.onSubscribe(this);
    }

    @Override
    public void request(long n) {
      synchronized (this) {
        wanted += n;
        if (running || done) {
          return;
        }
        running = true;
      }
      while (isWanted()) {
        sendOne();
      }
    }

    /// What is asked for while one is being sent is sent by the same thread.
    private synchronized boolean isWanted() {
      if (done || wanted == 0) {
        running = false;
        if (done) {
          close();
        }
        return false;
      }
      wanted--;
      return true;
    }

    private void sendOne() {
      ByteBuffer chunk;
      try {
        chunk = next();
      } catch (IOException | RuntimeException e) {
        progress.failed(e);
        finish();
        subscriber.onError(e);
        return;
      }
      left -= chunk.remaining();
      progress.moved(content.length() - left);
      if (left == 0) {
        finish();
      }
      subscriber.onNext(chunk);
      if (left == 0) {
        subscriber.onComplete();
      }
    }

    private ByteBuffer next() throws IOException {
      InputStream from = in == null ? content.open() : in;
      in = from;
      byte[] bytes = new byte[(int) Math.min(CHUNK, left)];
      if (from.readNBytes(bytes, 0, bytes.length) < bytes.length) {
        throw new IOException("the content ends %d bytes early".formatted(left));
      }
      return ByteBuffer.wrap(bytes);
    }

    private synchronized void finish() {
      done = true;
    }

    private void close() {
      if (in != null) {
        try {
          in.close();
        } catch (IOException e) {
          progress.failed(e);
        }
      }
    }

    /// Called by the connection when it gives up. A read may be under way on another thread, which
    /// then closes the content.
    @Override
    public synchronized void cancel() {
      done = true;
      if (!running) {
        close();
      }
    }
  }
}
