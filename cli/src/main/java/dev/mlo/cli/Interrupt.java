package dev.mlo.cli;

import java.time.Duration;

/// Ctrl-C as an interrupt of the working thread: what is under way unwinds through its `finally`
/// blocks, removes its temporary files and stops its child processes before the process ends. The
/// JVM itself then ends with 130 (SIGINT) or 143 (SIGTERM).
final class Interrupt {
  /// Long enough for a local runner to drain; a second Ctrl-C is not needed to end sooner, SIGKILL
  /// is safe at any instant.
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private boolean finished;
  private boolean stopping;

  private Interrupt() {}

  static Interrupt install(Thread worker) {
    Interrupt interrupt = new Interrupt();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> interrupt.stop(worker), "mlo-interrupt"));
    return interrupt;
  }

  /// Called by the worker at its end.
  ///
  /// @return whether the worker decides the exit code; not so once the JVM is going down
  synchronized boolean finish() {
    finished = true;
    notifyAll();
    return !stopping;
  }

  /// Whether Ctrl-C was pressed: whatever fails after that fails because of it.
  synchronized boolean isStopping() {
    return stopping;
  }

  private synchronized void stop(Thread worker) {
    if (finished) {
      return;
    }
    stopping = true;
    worker.interrupt();
    long end = System.nanoTime() + PATIENCE.toNanos();
    try {
      for (long left = PATIENCE.toMillis();
          !finished && left > 0;
          left = (end - System.nanoTime()) / 1_000_000) {
        wait(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
