package dev.mlo.runner.slot;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// Work that gives way to the requests: where all processors are busy it gets a tenth of what a
/// thread that serves gets. Threads inherit this from the one that starts them and never get rid of
/// it, so the work has a thread of its own and starts none that serves.
final class Background {
  /// Linux weighs 1024 at 0 and 110 at 10.
  private static final int NICE = 10;

  /// `PRIO_PROCESS`; for Linux 0 is the calling thread then, for others its whole process.
  private static final int PROCESS = 0;

  private static final Optional<MethodHandle> SETPRIORITY = setpriority();

  private Background() {}

  /// Does the work and waits for its end. An interrupt is passed on to the work.
  ///
  /// @throws InterruptedException when this thread was interrupted; the work has ended
  static void run(String name, Runnable work) throws InterruptedException {
    Thread thread =
        Thread.ofPlatform()
            .daemon()
            .name(name)
            .start(() -> {
              giveWay();
              work.run();
            });
    try {
      thread.join();
    } catch (InterruptedException e) {
      thread.interrupt();
      awaitEnd(thread);
      throw e;
    }
  }

  private static void awaitEnd(Thread thread) {
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        // It was told already.
        thread.interrupt();
      }
    }
  }

  /// Where that is refused the work is done as everything else is.
  private static void giveWay() {
    try {
      if (SETPRIORITY.isPresent()) {
        int ignored = (int) SETPRIORITY.get().invokeExact(PROCESS, 0, NICE);
      }
    } catch (Throwable e) {
      throw new IllegalStateException("setpriority takes three ints and returns one", e);
    }
  }

  private static Optional<MethodHandle> setpriority() {
    return System.getProperty("os.name").equals("Linux")
        ? CLibrary.find(
            "setpriority",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT))
        : Optional.empty();
  }
}
