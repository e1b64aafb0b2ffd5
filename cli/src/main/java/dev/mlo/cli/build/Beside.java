package dev.mlo.cli.build;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Work that another thread does in the meantime. Once this is closed, nothing of it goes on.
final class Beside<T> implements AutoCloseable {
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("mlo-beside-", 0).factory());
  private final Future<T> result;

  Beside(Callable<T> work) {
    this.result = thread.submit(work);
  }

  /// Waits for what came of it.
  ///
  /// @throws InterruptedIOException when this thread was interrupted, which it still is then
  T result() throws IOException {
    try {
      return result.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException known -> throw known;
        case RuntimeException unexpected -> throw unexpected;
        case Error fatal -> throw fatal;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    thread.close();
  }
}
