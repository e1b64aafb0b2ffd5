package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A terminal. What is under way stands below what was said, a row each, and is drawn anew ten
/// times a second at most, each time in one write.
///
/// Whatever ends the process, and when: the cursor is hidden within a write only, and between two
/// it stands at the start of the line below the rows, where a prompt may come. A row that is wider
/// than the terminal has become is cut, not wrapped, so that the way up to the first row is known.
final class Screen implements Voice {
  private static final long FRAME_MILLIS = 100;
  private static final int MOST_ROWS = 12;

  private static final String BEGIN = "\u001b[?25l\u001b[?7l\r";
  private static final String END = "\u001b[?7h\u001b[?25h";
  private static final String TO_LINE_END = "\u001b[K";
  private static final String TO_SCREEN_END = "\u001b[J";

  private final PrintStream err;
  private final LongSupplier clock;
  private final Supplier<Terminal> size;
  private final boolean ticking;
  private final List<Work> works = new ArrayList<>();
  private @Nullable Terminal terminal;
  private String passing = "";
  private List<String> shown = List.of();
  private boolean ticks;

  Screen(PrintStream err, LongSupplier clock, Supplier<Terminal> size) {
    this(err, clock, size, true);
  }

  /// @param ticking whether it draws by itself
  Screen(PrintStream err, LongSupplier clock, Supplier<Terminal> size, boolean ticking) {
    this.err = err;
    this.clock = clock;
    this.size = size;
    this.ticking = ticking;
  }

  @Override
  public void said(String line, ObjectNode event) {
    above(line);
  }

  @Override
  public void still(String line, ObjectNode event) {
    passing(line, event);
  }

  @Override
  public void insisted(String lines, ObjectNode event) {
    above(lines);
  }

  @Override
  public synchronized void passing(String line, ObjectNode event) {
    passing = Row.plain(line);
    tick();
  }

  @Override
  public synchronized void begun(Work work) {
    works.add(work);
    tick();
  }

  @Override
  public void moved(Work work) {}

  @Override
  public synchronized void ended(Work work, String line, Work.End end) {
    works.remove(work);
    if (!line.isEmpty()) {
      above(line);
    }
  }

  @Override
  public synchronized void clear() {
    works.clear();
    passing = "";
    draw();
  }

  /// Says something for good, above the rows. What passes has passed then.
  private synchronized void above(String lines) {
    passing = "";
    var text = new StringBuilder();
    if (!shown.isEmpty()) {
      text.append(BEGIN).append(up(shown.size())).append(TO_SCREEN_END).append(END);
    }
    text.append(lines).append('\n');
    shown = List.of();
    put(text.append(frame()));
  }

  /// Shows how far everything is now; writes nothing when that is what stands there.
  synchronized void draw() {
    put(frame());
  }

  private void put(CharSequence text) {
    if (!text.isEmpty()) {
      err.print(text);
      err.flush();
    }
  }

  private CharSequence frame() {
    List<String> rows = rows();
    if (rows.equals(shown)) {
      return "";
    }
    var text = new StringBuilder(BEGIN).append(up(shown.size()));
    rows.forEach(row -> text.append(row).append(TO_LINE_END).append('\n'));
    shown = rows;
    return text.append(TO_SCREEN_END).append(END);
  }

  private static String up(int rows) {
    return rows == 0 ? "" : "\u001b[" + rows + "A";
  }

  private List<String> rows() {
    if (works.isEmpty() && passing.isEmpty()) {
      return List.of();
    }
    if (terminal == null) {
      terminal = size.get();
    }
    int width = terminal.columns();
    int room = Math.max(1, Math.min(MOST_ROWS, terminal.lines() - 3));
    long now = clock.getAsLong();
    var rows = new ArrayList<String>();
    for (Work work : works.subList(0, works.size() <= room ? works.size() : room - 1)) {
      rows.add(Row.of(work, now).text(width));
    }
    if (rows.size() < works.size()) {
      rows.add("and %d more".formatted(works.size() - rows.size()));
    }
    if (!passing.isEmpty()) {
      rows.add(passing.substring(0, Math.min(passing.length(), Math.max(1, width - 1))));
    }
    return rows;
  }

  /// Draws until nothing is under way any more; what is over within a moment is never seen.
  private void tick() {
    if (ticking && !ticks) {
      ticks = true;
      Thread.ofVirtual().name("mlo-screen").start(this::run);
    }
  }

  private void run() {
    try {
      do {
        Thread.sleep(FRAME_MILLIS);
      } while (drawn());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean drawn() {
    draw();
    ticks = !shown.isEmpty();
    return ticks;
  }
}
