package dev.mlo.runner.infer;

import dev.mlo.contract.ServeSettings;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// The threads that infer, and the bounded queue before them. Platform threads: a native call holds
/// its thread to the end, and virtual threads would starve beside it.
final class InferencePool implements AutoCloseable {
  private final AtomicInteger admitted = new AtomicInteger();
  private final ThreadPoolExecutor threads;
  private volatile ServeSettings settings = ServeSettings.DEFAULT;

  InferencePool() {
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
  synchronized void apply(ServeSettings next) {
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

  /// @throws Refusal when workers and queue are full, or the pool is closed
  void submit(InferenceJob job) throws Refusal {
    int bound = threads.getMaximumPoolSize() + settings.queue();
    if (admitted.incrementAndGet() > bound) {
      admitted.decrementAndGet();
      throw new Refusal(
          Refusal.Reason.BUSY,
          "queue_full",
          "%d requests wait already".formatted(settings.queue()));
    }
    try {
      threads.execute(job);
    } catch (RejectedExecutionException e) {
      admitted.decrementAndGet();
      throw new Refusal(Refusal.Reason.NOT_READY, "stopping", "the runner is stopping");
    }
  }

  /// A place for a request that another thread works on; only while no other request waits.
  ///
  /// @return whether there was one
  boolean enter() {
    if (admitted.incrementAndGet() <= threads.getMaximumPoolSize()
        && threads.getQueue().isEmpty()) {
      return true;
    }
    admitted.decrementAndGet();
    return false;
  }

  /// Runs what no request waits for by itself, behind those in the queue. The pool takes it also
  /// when it is full.
  void execute(Runnable work) {
    try {
      threads.execute(work);
    } catch (RejectedExecutionException e) {
      // Closed: nobody else would do it.
      work.run();
    }
  }

  /// Called by every job at its end.
  void done(InferenceJob job) {
    admitted.decrementAndGet();
    job.end();
  }

  /// Takes a job back that has not begun.
  void withdraw(InferenceJob job) {
    if (threads.remove(job)) {
      done(job);
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
