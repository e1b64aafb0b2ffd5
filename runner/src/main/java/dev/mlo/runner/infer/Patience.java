package dev.mlo.runner.infer;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// How long a request waits: until its time is over or its caller has gone, which is looked at ever
/// more rarely. Most are answered before the first look, and cost one timer that is taken back.
final class Patience implements Runnable {
  static final Duration FIRST_LOOK = Duration.ofMillis(100);

  /// A caller who has gone is noticed after this long at most.
  private static final Duration RAREST = Duration.ofSeconds(1);

  private final InferenceJob job;
  private final ScheduledExecutorService clock;
  private final long limitMillis;
  private final long since = System.nanoTime();
  private boolean ended;
  private @Nullable Future<?> next;

  Patience(InferenceJob job, ScheduledExecutorService clock, long limitMillis) {
    this.job = job;
    this.clock = clock;
    this.limitMillis = limitMillis;
  }

  void begin() {
    runIn(FIRST_LOOK.toNanos());
  }

  /// The job has ended.
  synchronized void end() {
    ended = true;
    if (next != null) {
      next.cancel(false);
    }
  }

  private synchronized void runIn(long nanos) {
    long left = TimeUnit.MILLISECONDS.toNanos(limitMillis) - (System.nanoTime() - since);
    if (!ended) {
      next = clock.schedule(this, Math.min(nanos, left), TimeUnit.NANOSECONDS);
    }
  }

  @Override
  public void run() {
    long lasted = System.nanoTime() - since;
    if (lasted >= TimeUnit.MILLISECONDS.toNanos(limitMillis)) {
      job.expire(limitMillis);
      return;
    }
    boolean over = false;
    try {
      over = job.look();
    } finally {
      // Its time runs out whatever the connection is like.
      if (!over) {
        runIn(Math.min(lasted, RAREST.toNanos()));
      }
    }
  }
}
