package dev.mlo.runner.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.EofException;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/// A caller's connection that can be asked, between a request and its answer, whether the caller is
/// still there. HTTP/1.1 shows that only to whoever reads, and Jetty reads no further than the
/// request. The first byte of the next request, from a caller who does not wait for answers, is
/// kept until Jetty reads on; its others tell Jetty that there is something to read.
///
/// It does not ask the system for more once that gave less than there was room for: Jetty reads on
/// twice to find nothing, which costs a tenth of what a small request does (measured). What comes
/// later the selector tells, whom Jetty asks then.
///
/// A small answer may leave a moment later, together with others, while Jetty believes it has left.
final class CallerSocket extends SocketChannelEndPoint {
  private final Outbox outbox;

  /// Whether an answer of this connection is in the outbox.
  private volatile boolean kept;

  /// What of such an answer the system had no room for. Whatever comes after it must wait.
  private volatile @Nullable ByteBuffer rest;

  private volatile @Nullable ByteBuffer ahead;

  /// Whether all that had come was read when somebody last looked.
  private volatile boolean drained;

  CallerSocket(
      SocketChannel channel, PortSelector selector, SelectionKey key, Scheduler scheduler) {
    super(channel, selector, key, scheduler);
    this.outbox = selector.outbox();
  }

  /// Whether the caller has closed his side, or the connection broke. Only while nobody reads.
  boolean hasEnded() {
    if (ahead != null) {
      // The next request hides what comes behind it.
      return false;
    }
    ByteBuffer one = BufferUtil.allocate(1);
    try {
      int read = super.fill(one);
      if (read > 0) {
        ahead = one;
      }
      return read < 0;
    } catch (IOException e) {
      return true;
    }
  }

  @Override
  protected void needsFillInterest() {
    drained = false;
    super.needsFillInterest();
  }

  @Override
  public int fill(ByteBuffer buffer) throws IOException {
    ByteBuffer early = ahead;
    if (early == null) {
      return drained ? 0 : read(buffer);
    }
    int first = BufferUtil.append(buffer, early);
    if (!early.hasRemaining()) {
      ahead = null;
    }
    return first + Math.max(0, read(buffer));
  }

  private int read(ByteBuffer buffer) throws IOException {
    int read = super.fill(buffer);
    drained = read >= 0 && BufferUtil.space(buffer) > 0;
    return read;
  }

  @Override
  public boolean flush(ByteBuffer... buffers) throws IOException {
    sendKept();
    if (!sendRest()) {
      return false;
    }
    boolean taken = staysOpen() && outbox.keep(this, buffers);
    return taken || super.flush(buffers);
  }

  /// Where Jetty closes the connection behind an answer, it must know that all of it has left.
  private boolean staysOpen() {
    return getConnection() instanceof HttpConnection http && http.isPersistent();
  }

  /// The outbox has an answer of this connection.
  void markKept() {
    kept = true;
  }

  private void sendKept() {
    if (kept) {
      outbox.send();
    }
  }

  /// The thread that reads this connection and others is held up: answers that wait for it leave.
  void releaseOthers() {
    outbox.send();
  }

  /// Sends an answer from the outbox.
  ///
  /// @param answer gone afterwards
  /// @throws IOException when the connection is broken
  void send(ByteBuffer answer) throws IOException {
    try {
      getChannel().write(answer);
      notIdle();
      if (answer.hasRemaining()) {
        rest = ByteBuffer.allocate(answer.remaining()).put(answer).flip();
        onIncompleteFlush();
      }
    } finally {
      kept = false;
    }
  }

  /// @return whether nothing is left
  private boolean sendRest() throws IOException {
    if (rest == null) {
      return true;
    }
    synchronized (this) {
      ByteBuffer left = rest;
      if (left != null) {
        try {
          getChannel().write(left);
        } catch (IOException e) {
          throw new EofException(e);
        }
        if (left.hasRemaining()) {
          return false;
        }
        rest = null;
      }
      return true;
    }
  }

  @Override
  public Runnable onSelected() {
    Runnable task = super.onSelected();
    try {
      if (!sendRest()) {
        onIncompleteFlush();
      }
    } catch (IOException e) {
      close(e);
    }
    return task;
  }

  @Override
  protected void doShutdownOutput() {
    sendKept();
    super.doShutdownOutput();
  }

  @Override
  public void doClose() {
    sendKept();
    super.doClose();
  }
}
