package dev.mlo.runner.http;

import dev.mlo.contract.ServeSettings;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// The threads that infer, and the bounded queue before them. Platform threads: a native call holds
/// its thread to the end, and virtual threads would starve beside it.
public final class InferencePool implements AutoCloseable {
  private final AtomicInteger admitted = new AtomicInteger();
  private final ThreadPoolExecutor threads;
  private volatile ServeSettings settings = ServeSettings.DEFAULT;

  public InferencePool() {
    threads =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().daemon().name("mlo-infer-", 0).factory());
  }

  /// How many threads there are and how long the queue is from now on.
  public synchronized void apply(ServeSettings next) {
    settings = next;
    int workers = workers(next);
    if (workers > threads.getMaximumPoolSize()) {
      threads.setMaximumPoolSize(workers);
      threads.setCorePoolSize(workers);
    } else {
      threads.setCorePoolSize(workers);
      threads.setMaximumPoolSize(workers);
    }
  }

  private static int workers(ServeSettings settings) {
    return settings.workers() == 0
        ? Runtime.getRuntime().availableProcessors()
        : settings.workers();
  }

  ServeSettings settings() {
    return settings;
  }

  /// The longest an answer may take.
  public long timeoutMillis() {
    return settings.timeoutMillis();
  }

  /// @throws HttpRefusal 429 when workers and queue are full
  void submit(Runnable job) throws HttpRefusal {
    int bound = threads.getMaximumPoolSize() + settings.queue();
    if (admitted.incrementAndGet() > bound) {
      admitted.decrementAndGet();
      throw HttpRefusal.later(
          429, "queue_full", "%d requests wait already".formatted(settings.queue()));
    }
    try {
      threads.execute(job);
    } catch (RejectedExecutionException e) {
      admitted.decrementAndGet();
      throw HttpRefusal.later(503, "stopping", "the runner is stopping");
    }
  }

  /// Called by every job at its end.
  void done() {
    admitted.decrementAndGet();
  }

  /// Takes a job back that has not begun.
  void withdraw(Runnable job) {
    if (threads.remove(job)) {
      done();
    }
  }

  int queued() {
    return threads.getQueue().size();
  }

  int running() {
    return threads.getActiveCount();
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
