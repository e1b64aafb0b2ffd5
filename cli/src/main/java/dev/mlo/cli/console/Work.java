package dev.mlo.cli.console;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Long work that moves bytes, such as a layer on its way. Safe for several threads.
public final class Work {
  /// How work ends.
  enum End {
    /// All of it is there.
    DONE,
    /// Nothing had to be moved.
    REUSED,
    /// It was given up; another attempt may follow.
    BROKEN
  }

  private final Voice voice;
  private final LongSupplier clock;
  private final String action;
  private final String name;
  private final @Nullable String digest;
  private final long total;
  private final long started;
  private final Pace pace = new Pace();
  private long bytes;

  /// @param action what is done: `write`, `copy`, `upload`, `download`, `send`, `export`
  /// @param name what a person calls it
  /// @param digest `null`: it is not known yet
  /// @param total bytes; 0: it is not known
  Work(
      Voice voice,
      LongSupplier clock,
      String action,
      String name,
      @Nullable String digest,
      long total) {
    this.voice = voice;
    this.clock = clock;
    this.action = action;
    this.name = name;
    this.digest = digest;
    this.total = total;
    this.started = clock.getAsLong();
    pace.reached(0, started);
  }

  /// So many bytes in all were moved by now.
  public void reach(long now) {
    synchronized (this) {
      bytes = now;
    }
    voice.moved(this);
  }

  /// So many more bytes were moved. What is sent twice, after a break, counts once.
  public void add(long more) {
    synchronized (this) {
      bytes = total > 0 ? Math.min(total, bytes + more) : bytes + more;
    }
    voice.moved(this);
  }

  /// @param line what to say of it to a person; empty: nothing
  public void done(String line) {
    synchronized (this) {
      bytes = Math.max(bytes, total);
    }
    voice.ended(this, line, End.DONE);
  }

  /// It turned out that nothing had to be moved.
  public void reused() {
    voice.ended(this, "", End.REUSED);
  }

  /// It was given up.
  public void broken() {
    voice.ended(this, "", End.BROKEN);
  }

  public synchronized long bytes() {
    return bytes;
  }

  public long total() {
    return total;
  }

  /// Since it began.
  public Duration took() {
    return Duration.ofNanos(clock.getAsLong() - started);
  }

  String action() {
    return action;
  }

  String name() {
    return name;
  }

  @Nullable String digest() {
    return digest;
  }

  /// Bytes a second of late, as of now.
  synchronized long rate(long now) {
    return pace.reached(bytes, now);
  }
}
