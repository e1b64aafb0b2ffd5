package dev.mlo.cli.console;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/// What a report writes its text form on.
public final class Page {
  private final PrintStream out;
  private final Style style;

  Page(PrintStream out, Style style) {
    this.out = out;
    this.style = style;
  }

  public void line(String text) {
    out.println(text);
  }

  public Style style() {
    return style;
  }

  /// Columns as wide as their widest cell, two spaces apart; the first row is the heading.
  public void table(List<List<String>> rows) {
    var widths = new ArrayList<Integer>();
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        int width = Style.visibleLength(row.get(i));
        if (i == widths.size()) {
          widths.add(width);
        } else {
          widths.set(i, Math.max(widths.get(i), width));
        }
      }
    }
    for (List<String> row : rows) {
      var line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        line.append(row.get(i));
        if (i < row.size() - 1) {
          line.repeat(' ', widths.get(i) - Style.visibleLength(row.get(i)) + 2);
        }
      }
      out.println(line.toString().stripTrailing());
    }
  }

  /// The command that comes next, set off so that it can be copied.
  public void next(String command) {
    out.println();
    out.println(style.dim("next: ") + style.bold(command));
  }
}
