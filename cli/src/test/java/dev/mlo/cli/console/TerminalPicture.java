package dev.mlo.cli.console;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a terminal shows after it was sent some text: as much of one as the console uses (ECMA-48:
/// CUU, EL, ED, SGR; private modes 7 and 25). Anything else fails the test.
final class TerminalPicture {
  private static final Pattern SEQUENCE = Pattern.compile("\u001b\\[(\\??)([0-9;]*)([A-Za-z])");

  private final int columns;
  private final List<StringBuilder> lines = new ArrayList<>(List.of(new StringBuilder()));
  private int row;
  private int column;
  private boolean wraps = true;
  private boolean cursor = true;

  private TerminalPicture(int columns) {
    this.columns = columns;
  }

  static TerminalPicture of(String sent, int columns) {
    TerminalPicture picture = new TerminalPicture(columns);
    Matcher sequence = SEQUENCE.matcher(sent);
    int at = 0;
    while (at < sent.length()) {
      if (sequence.find(at) && sequence.start() == at) {
        picture.obey(sequence.group(1) + sequence.group(2), sequence.group(3));
        at = sequence.end();
      } else {
        picture.write(sent.charAt(at++));
      }
    }
    return picture;
  }

  /// Without the empty lines at the end.
  List<String> lines() {
    List<String> text =
        new ArrayList<>(lines.stream().map(l -> l.toString().stripTrailing()).toList());
    while (!text.isEmpty() && text.getLast().isEmpty()) {
      text.removeLast();
    }
    return text;
  }

  boolean showsCursor() {
    return cursor;
  }

  boolean wraps() {
    return wraps;
  }

  /// Where the next character goes.
  String cursor() {
    return row + ":" + column;
  }

  private void obey(String number, String what) {
    switch (what) {
      case "A" -> row = Math.max(0, row - Integer.parseInt(number));
      case "K" -> line().setLength(Math.min(line().length(), column));
      case "J" -> {
        line().setLength(Math.min(line().length(), column));
        lines.subList(row + 1, lines.size()).clear();
      }
      case "h", "l" -> {
        boolean on = what.equals("h");
        switch (number) {
          case "?7" -> wraps = on;
          case "?25" -> cursor = on;
          default -> throw new AssertionError("mode " + number);
        }
      }
      case "m" -> {}
      default -> throw new AssertionError("sequence " + number + what);
    }
  }

  private void write(char c) {
    switch (c) {
      case '\r' -> column = 0;
      case '\n' -> {
        column = 0;
        row++;
        if (row == lines.size()) {
          lines.add(new StringBuilder());
        }
      }
      default -> {
        if (c < ' ') {
          throw new AssertionError("control character " + (int) c);
        }
        if (column == columns && wraps) {
          write('\n');
        }
        column = Math.min(column, columns - 1);
        line().append(" ".repeat(Math.max(0, column - line().length())));
        if (column < line().length()) {
          line().setCharAt(column, c);
        } else {
          line().append(c);
        }
        column++;
      }
    }
  }

  private StringBuilder line() {
    return lines.get(row);
  }
}
