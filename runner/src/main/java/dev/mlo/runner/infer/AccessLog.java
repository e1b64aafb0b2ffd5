package dev.mlo.runner.infer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.contract.Printable;
import dev.mlo.json.Json;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// One line of JSON a request, written by a thread of its own: a slow reader of the log costs
/// lines, which are counted, and never an answer.
public final class AccessLog implements AutoCloseable {
  private static final int WAITING = 8192;
  private static final int LONGEST = 256;

  /// Which requests are written.
  public enum Level {
    OFF,
    /// Those that were refused or failed.
    ERRORS,
    ALL;

    public static Level parse(String text) {
      return valueOf(text.toUpperCase(Locale.ROOT));
    }
  }

  /// What is said of a request.
  ///
  /// @param what method and path, or the full name of a gRPC method; never a query
  /// @param status a number of HTTP's, or the name of a gRPC status
  /// @param failed whether it was refused or failed
  /// @param nanos from the request's first byte to the answer's last
  /// @param peer the caller's address, without the port
  public record Entry(
      String protocol,
      String what,
      String status,
      boolean failed,
      long nanos,
      @Nullable String peer,
      @Nullable TraceContext trace) {}

  private final Level level;
  private final PrintStream out;
  private final BlockingQueue<Entry> waiting = new ArrayBlockingQueue<>(WAITING);
  private final AtomicLong lost = new AtomicLong();
  private final Thread writer;

  public AccessLog(Level level, PrintStream out) {
    this.level = level;
    this.out = out;
    this.writer = Thread.ofPlatform().daemon().name("mlo-access-log").unstarted(this::write);
    if (level != Level.OFF) {
      writer.start();
    }
  }

  public boolean wants(boolean failed) {
    return level == Level.ALL || (failed && level == Level.ERRORS);
  }

  public void log(Entry entry) {
    if (wants(entry.failed()) && !waiting.offer(entry)) {
      lost.incrementAndGet();
    }
  }

  private void write() {
    try {
      while (true) {
        print(waiting.take());
      }
    } catch (InterruptedException e) {
      for (Entry entry = waiting.poll(); entry != null; entry = waiting.poll()) {
        print(entry);
      }
    }
  }

  private void print(Entry entry) {
    ObjectNode line =
        Json.object()
            .put("at", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString())
            .put("access", Printable.shortened(entry.what(), LONGEST))
            .put("protocol", entry.protocol())
            .put("status", entry.status())
            .put("ms", Math.round(entry.nanos() / 1e3) / 1e3);
    if (entry.peer() != null) {
      line.put("peer", entry.peer());
    }
    TraceContext trace = entry.trace();
    if (trace != null) {
      line.put("trace_id", trace.trace()).put("span_id", trace.span());
    }
    long missing = lost.getAndSet(0);
    if (missing > 0) {
      line.put("lost", missing);
    }
    out.println(new String(Json.compact(line), StandardCharsets.UTF_8));
  }

  /// Writes what waits still.
  @Override
  public void close() {
    writer.interrupt();
    try {
      writer.join(1000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
