package dev.mlo.oci;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Collection;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/// Does the same to many blobs, several at a time. When it returns, nothing goes on: the first
/// failure and an interrupt end what is under way.
final class Lanes {
  @FunctionalInterface
  interface Work {
    void on(Descriptor blob) throws IOException;
  }

  private Lanes() {}

  /// @param most at a time; with one, the calling thread does it
  /// @throws InterruptedIOException when the thread was interrupted, which it still is then
  static void each(Collection<Descriptor> blobs, int most, Work work) throws IOException {
    int lanes = Math.min(most, blobs.size());
    if (lanes > 1) {
      together(blobs, lanes, work);
      return;
    }
    for (Descriptor blob : blobs) {
      work.on(blob);
    }
  }

  private static void together(Collection<Descriptor> blobs, int lanes, Work work)
      throws IOException {
    try (ExecutorService threads =
        Executors.newFixedThreadPool(
            lanes, Thread.ofPlatform().daemon().name("mlo-copy-", 0).factory())) {
      try {
        var done = new ExecutorCompletionService<Descriptor>(threads);
        for (Descriptor blob : blobs) {
          done.submit(() -> {
            work.on(blob);
            return blob;
          });
        }
        for (int left = blobs.size(); left > 0; left--) {
          done.take().get();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted");
      } catch (ExecutionException e) {
        throw failure(e.getCause());
      } finally {
        threads.shutdownNow();
      }
    }
  }

  private static IOException failure(@Nullable Throwable cause) {
    return switch (cause) {
      case IOException known -> known;
      case RuntimeException unexpected -> throw unexpected;
      case Error fatal -> throw fatal;
      case null, default -> new IOException(cause);
    };
  }
}
