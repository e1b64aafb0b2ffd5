package dev.mlo.cli.console;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.function.LongSupplier;

/// Breaks a long silence: whoever waits, a person or a build server, learns what is still under
/// way. Silent is a stream to which nobody has written; what is under way is what was said last.
final class Pulse {
  /// Between two looks a second passes, so nobody hears nothing for ten.
  private static final Duration SILENCE = Duration.ofSeconds(8);

  private static final long LOOK_MILLIS = 1_000;

  private final LongSupplier clock;
  private final boolean ticking;
  private long heard;
  private String step = "";
  private long since;
  private boolean ticks;

  Pulse(LongSupplier clock) {
    this(clock, true);
  }

  /// @param ticking whether it looks by itself
  Pulse(LongSupplier clock, boolean ticking) {
    this.clock = clock;
    this.ticking = ticking;
  }

  /// The same stream, heard.
  OutputStream on(OutputStream stream) {
    return new FilterOutputStream(stream) {
      @Override
      public void write(int b) throws IOException {
        hear();
        out.write(b);
      }

      @Override
      public void write(byte[] bytes, int from, int length) throws IOException {
        hear();
        out.write(bytes, from, length);
      }
    };
  }

  private synchronized void hear() {
    heard = clock.getAsLong();
  }

  /// Something begins that may take a while.
  synchronized void begin(String what, Voice voice) {
    step = what;
    since = clock.getAsLong();
    heard = since;
    if (ticking && !ticks && !what.isEmpty()) {
      ticks = true;
      Thread.ofPlatform().daemon().name("mlo-pulse").start(() -> run(voice));
    }
  }

  /// Nothing is under way any more.
  synchronized void end() {
    step = "";
  }

  private void run(Voice voice) {
    try {
      do {
        Thread.sleep(LOOK_MILLIS);
      } while (look(voice));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /// Says what is under way when nothing was heard for long.
  ///
  /// @return whether something is under way
  boolean look(Voice voice) {
    String what;
    Duration took;
    synchronized (this) {
      if (step.isEmpty()) {
        ticks = false;
        return false;
      }
      long now = clock.getAsLong();
      if (now - heard < SILENCE.toNanos()) {
        return true;
      }
      // What is drawn may stay as it is, and nothing be written.
      heard = now;
      what = step;
      took = Duration.ofNanos(now - since);
    }
    voice.still(
        "still at it after %s: %s".formatted(Amount.time(took), what),
        Console.event("waiting").put("message", what).put("milliseconds", took.toMillis()));
    return true;
  }
}
