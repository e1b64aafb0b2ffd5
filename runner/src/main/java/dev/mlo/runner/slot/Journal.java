package dev.mlo.runner.slot;

import dev.mlo.contract.Serving;
import dev.mlo.contract.SwapReport;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import dev.mlo.runner.model.Durable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// What happened to a slot, one line an event: a CRC-32C, a space, JSON. A line that was cut off by
/// a crash ends the reading; the next start rewrites the file without it.
final class Journal implements AutoCloseable {
  private static final int KEEP = 200;
  private static final long COMPACT_BYTES = 1L << 20;

  private final Path file;
  private final Deque<HistoryEntry> entries = new ArrayDeque<>();
  private volatile List<HistoryEntry> published = List.of();
  private FileChannel out;

  Journal(Path file) throws IOException {
    this.file = file;
    if (Files.isRegularFile(file)) {
      for (String line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
        Optional<HistoryEntry> entry = parse(line);
        if (entry.isEmpty()) {
          break;
        }
        remember(entry.get());
      }
    }
    this.out = rewritten();
  }

  /// Writes a line, which is on disk when this returns.
  void append(
      HistoryEntry.Event event,
      @Nullable String swap,
      @Nullable SwapReport report,
      @Nullable Serving serving,
      @Nullable String detail)
      throws IOException {
    force(add(new HistoryEntry(now(), event, swap, report, serving, detail)));
  }

  /// Writes a line that only tells of what other files hold; the next [#append] or [#sync] brings
  /// it to disk. Waits for no disk.
  void note(HistoryEntry.Event event, @Nullable Serving serving, @Nullable String detail)
      throws IOException {
    add(new HistoryEntry(now(), event, null, null, serving, detail));
  }

  /// Brings to disk what was noted.
  void sync() throws IOException {
    force(current());
  }

  private static String now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS).toString();
  }

  /// Not under the lock, so that nobody who only notes something waits for the disk.
  private static void force(FileChannel written) throws IOException {
    try {
      written.force(false);
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (ClosedChannelException e) {
      // By a line that led to a new file with all lines, or by the end: both bring them to disk.
      return;
    }
  }

  private synchronized FileChannel current() {
    return out;
  }

  /// @return where it was written
  private synchronized FileChannel add(HistoryEntry entry) throws IOException {
    write(out, line(entry));
    remember(entry);
    if (out.size() > COMPACT_BYTES) {
      out.close();
      out = rewritten();
    }
    return out;
  }

  /// The newest entries, oldest first. Waits for no disk.
  List<HistoryEntry> entries() {
    return published;
  }

  /// The last word on a swap.
  synchronized Optional<HistoryEntry> last(String swap) {
    HistoryEntry found = null;
    for (HistoryEntry entry : entries) {
      if (swap.equals(entry.swap())) {
        found = entry;
      }
    }
    return Optional.ofNullable(found);
  }

  private void remember(HistoryEntry entry) {
    entries.addLast(entry);
    if (entries.size() > KEEP) {
      entries.removeFirst();
    }
    published = List.copyOf(entries);
  }

  private FileChannel rewritten() throws IOException {
    var bytes = new ByteArrayOutputStream();
    for (HistoryEntry entry : entries) {
      bytes.writeBytes(line(entry));
    }
    Durable.write(file, bytes.toByteArray());
    return FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.APPEND);
  }

  private static void write(FileChannel out, byte[] line) throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(line);
    while (rest.hasRemaining()) {
      out.write(rest);
    }
  }

  private static byte[] line(HistoryEntry entry) {
    byte[] json = Json.compact(entry);
    return (checksum(json) + " " + new String(json, StandardCharsets.ISO_8859_1) + "\n")
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  private static Optional<HistoryEntry> parse(String line) {
    byte[] json = line.substring(Math.min(9, line.length())).getBytes(StandardCharsets.ISO_8859_1);
    if (!line.startsWith(checksum(json) + " ")) {
      return Optional.empty();
    }
    try {
      return Optional.of(Json.parse(json, HistoryEntry.class));
    } catch (JsonFormatException e) {
      return Optional.empty();
    }
  }

  private static String checksum(byte[] json) {
    CRC32C crc = new CRC32C();
    crc.update(json);
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }

  @Override
  public synchronized void close() throws IOException {
    if (out.isOpen()) {
      out.force(false);
    }
    out.close();
  }
}
