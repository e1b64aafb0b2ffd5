package dev.mlo.backend;

import org.jspecify.annotations.Nullable;

/// How an engine learns that nobody waits for an answer any more: one for each inference, made by
/// whoever asks. It may be cancelled from any thread and at any time, before the inference, during
/// it and after it; the second time does nothing.
public final class Cancellation {
  private @Nullable Runnable stop;
  private boolean cancelled;

  /// Stops the inference that is being worked on, if any, and every later one that is begun with
  /// this. Returns at once; the engine's thread comes back as soon as the engine looks up, which is
  /// between two operators of a model.
  public synchronized void cancel() {
    if (cancelled) {
      return;
    }
    cancelled = true;
    if (stop != null) {
      stop.run();
    }
  }

  public synchronized boolean isCancelled() {
    return cancelled;
  }

  /// For engines: how to stop the inference that begins now. It is called at most once, at once
  /// when the cancellation came first, and never after the watch was closed; so what it touches may
  /// be freed then.
  ///
  /// @param how must return at once
  /// @throws IllegalStateException when another inference is being watched
  public synchronized Watch watch(Runnable how) {
    if (stop != null) {
      throw new IllegalStateException("a cancellation belongs to one inference at a time");
    }
    stop = how;
    if (cancelled) {
      how.run();
    }
    return this::end;
  }

  private synchronized void end() {
    stop = null;
  }

  /// The time during which an inference can be stopped.
  @FunctionalInterface
  public interface Watch extends AutoCloseable {
    @Override
    void close();
  }
}
