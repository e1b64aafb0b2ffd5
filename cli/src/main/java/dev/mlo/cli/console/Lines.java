package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/// One line a step, for pipes and build servers.
final class Lines implements Voice {
  /// Build servers take a job that says nothing for minutes for a dead one.
  private static final long SIGN_OF_LIFE = 10_000_000_000L;

  private final PrintStream err;
  private final LongSupplier clock;
  private final Map<Work, Long> lastTold = new HashMap<>();

  Lines(PrintStream err, LongSupplier clock) {
    this.err = err;
    this.clock = clock;
  }

  @Override
  public synchronized void said(String line, ObjectNode event) {
    err.println(line);
  }

  @Override
  public void passing(String line, ObjectNode event) {}

  @Override
  public synchronized void still(String line, ObjectNode event) {
    err.println(line);
  }

  @Override
  public synchronized void insisted(String lines, ObjectNode event) {
    err.println(lines);
  }

  @Override
  public synchronized void begun(Work work) {
    lastTold.put(work, clock.getAsLong());
  }

  @Override
  public synchronized void moved(Work work) {
    long now = clock.getAsLong();
    if (now - lastTold.getOrDefault(work, now) >= SIGN_OF_LIFE) {
      lastTold.put(work, now);
      err.println(Row.of(work, now).words());
    }
  }

  @Override
  public synchronized void ended(Work work, String line, Work.End end) {
    lastTold.remove(work);
    if (!line.isEmpty()) {
      err.println(line);
    }
  }

  @Override
  public void clear() {}
}
