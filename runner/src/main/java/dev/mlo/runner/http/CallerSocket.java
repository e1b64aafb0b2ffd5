package dev.mlo.runner.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SocketChannelEndPoint;
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
final class CallerSocket extends SocketChannelEndPoint {
  private volatile @Nullable ByteBuffer ahead;

  /// Whether all that had come was read when somebody last looked.
  private volatile boolean drained;

  CallerSocket(
      SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler) {
    super(channel, selector, key, scheduler);
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
    ByteBuffer kept = ahead;
    if (kept == null) {
      return drained ? 0 : read(buffer);
    }
    int first = BufferUtil.append(buffer, kept);
    if (!kept.hasRemaining()) {
      ahead = null;
    }
    return first + Math.max(0, read(buffer));
  }

  private int read(ByteBuffer buffer) throws IOException {
    int read = super.fill(buffer);
    drained = read >= 0 && BufferUtil.space(buffer) > 0;
    return read;
  }
}
