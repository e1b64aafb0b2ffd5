package dev.mlo.oci;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// Does the same to many things, several at a time. When it returns, nothing goes on: the first
/// failure and an interrupt end what is under way.
public final class Lanes {
  @FunctionalInterface
  interface Work<T> {
    void on(T thing) throws IOException;
  }

  /// What is asked of each.
  @FunctionalInterface
  public interface Question<T, R> {
    R of(T thing) throws IOException;
  }

  private Lanes() {}

  /// @param most at a time; with one, the calling thread does it
  /// @throws InterruptedIOException when the thread was interrupted, which it still is then
  static <T> void each(Collection<T> things, int most, Work<T> work) throws IOException {
    all(
        things,
        most,
        thing -> {
          work.on(thing);
          return thing;
        });
  }

  /// The answers, in the order of the things; equal things are asked once.
  ///
  /// @param most at a time; with one, the calling thread asks
  /// @throws InterruptedIOException when the thread was interrupted, which it still is then
  public static <T, R> Map<T, R> all(Collection<T> things, int most, Question<T, R> question)
      throws IOException {
    Set<T> once = new LinkedHashSet<>(things);
    int lanes = Math.min(most, once.size());
    if (lanes > 1) {
      return together(once, lanes, question);
    }
    var answers = new LinkedHashMap<T, R>();
    for (T thing : once) {
      answers.put(thing, question.of(thing));
    }
    return answers;
  }

  private static <T, R> Map<T, R> together(Set<T> things, int lanes, Question<T, R> question)
      throws IOException {
    try (ExecutorService threads =
        Executors.newFixedThreadPool(
            lanes, Thread.ofPlatform().daemon().name("mlo-copy-", 0).factory())) {
      try {
        var done = new ExecutorCompletionService<R>(threads);
        var inOrder = new LinkedHashMap<T, Future<R>>();
        for (T thing : things) {
          inOrder.put(thing, done.submit(() -> question.of(thing)));
        }
        for (int left = things.size(); left > 0; left--) {
          done.take().get();
        }
        var answers = new LinkedHashMap<T, R>();
        inOrder.forEach((thing, answer) -> answers.put(thing, answer.resultNow()));
        return answers;
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
