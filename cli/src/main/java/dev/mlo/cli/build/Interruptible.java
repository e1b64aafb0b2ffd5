package dev.mlo.cli.build;

import com.google.cloud.tools.jib.api.RegistryException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// Work on a connection that ends as soon as the user interrupts, whatever it waits for: it runs on
/// a virtual thread, and interrupting one closes the socket it reads from.
final class Interruptible {
  /// What a registry is asked.
  @FunctionalInterface
  interface Work<T> {
    T run() throws IOException, RegistryException;
  }

  private Interruptible() {}

  static <T> T run(Work<T> work) throws IOException, RegistryException {
    FutureTask<T> task = new FutureTask<>(work::run);
    Thread worker = Thread.ofVirtual().start(task);
    try {
      return task.get();
    } catch (InterruptedException e) {
      end(worker);
      throw new InterruptedIOException("interrupted");
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException io -> throw io;
        case RegistryException refused -> throw refused;
        case RuntimeException runtime -> throw runtime;
        case Error error -> throw error;
        case null, default -> throw new IllegalStateException(e);
      }
    }
  }

  /// Nothing may still write when the caller cleans up.
  private static void end(Thread worker) {
    worker.interrupt();
    while (worker.isAlive()) {
      try {
        worker.join();
      } catch (InterruptedException e) {
        worker.interrupt();
      }
    }
    Thread.currentThread().interrupt();
  }
}
