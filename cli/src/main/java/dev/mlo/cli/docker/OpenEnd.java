package dev.mlo.cli.docker;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.CountDownLatch;

/// An input that has nothing to say and ends when it is closed, or with its process.
final class OpenEnd extends InputStream {
  private final CountDownLatch closed = new CountDownLatch(1);

  @Override
  public int read() throws IOException {
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (InterruptedIOException) new InterruptedIOException("interrupted").initCause(e);
    }
    return -1;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    return length == 0 ? 0 : read();
  }

  @Override
  public void close() {
    closed.countDown();
  }
}
