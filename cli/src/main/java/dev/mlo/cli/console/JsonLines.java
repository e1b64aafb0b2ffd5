package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.json.Json;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.LongSupplier;

/// One JSON object a line, for programs; `docs/progress.md` says which there are.
final class JsonLines implements Voice {
  private static final long EVERY_NANOS = 500_000_000;

  private final PrintStream err;
  private final LongSupplier clock;
  private final Map<Work, Long> lastTold = new HashMap<>();

  JsonLines(PrintStream err, LongSupplier clock) {
    this.err = err;
    this.clock = clock;
  }

  @Override
  public void said(String line, ObjectNode event) {
    write(event);
  }

  @Override
  public void passing(String line, ObjectNode event) {
    write(event);
  }

  @Override
  public void still(String line, ObjectNode event) {
    write(event);
  }

  @Override
  public void insisted(String lines, ObjectNode event) {
    write(event);
  }

  @Override
  public synchronized void begun(Work work) {
    lastTold.put(work, clock.getAsLong());
    write(event(work, "started"));
  }

  @Override
  public synchronized void moved(Work work) {
    long now = clock.getAsLong();
    if (now - lastTold.getOrDefault(work, now) >= EVERY_NANOS) {
      lastTold.put(work, now);
      write(event(work, "moving"));
    }
  }

  @Override
  public synchronized void ended(Work work, String line, Work.End end) {
    lastTold.remove(work);
    write(event(work, end.name().toLowerCase(Locale.ROOT)));
  }

  private ObjectNode event(Work work, String state) {
    ObjectNode event =
        Json.object()
            .put("event", "layer")
            .put("action", work.action())
            .put("state", state)
            .put("name", work.name());
    if (work.digest() != null) {
      event.put("digest", work.digest());
    }
    return event
        .put("bytes", work.bytes())
        .put("total", work.total())
        .put("milliseconds", work.took().toMillis());
  }

  private synchronized void write(ObjectNode event) {
    err.println(new String(Json.compact(event), StandardCharsets.UTF_8));
  }

  @Override
  public void clear() {}
}
