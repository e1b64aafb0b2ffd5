package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.json.Json;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/// The two streams a command talks on: results to stdout, everything else to stderr.
public final class Console {
  /// What `-o` and `-q` choose.
  public enum Output {
    TEXT,
    JSON,
    BRIEF
  }

  private final PrintStream out;
  private final PrintStream err;
  private final boolean terminal;
  private final Output output;

  /// @param terminal whether stderr is a terminal that may be drawn on
  public Console(PrintStream out, PrintStream err, boolean terminal, Output output) {
    this.out = out;
    this.err = err;
    this.terminal = terminal;
    this.output = output;
  }

  /// The console of this process, as the environment asks for it (`NO_COLOR`, `TERM=dumb`).
  public static Console system(Output output) {
    return new Console(
        new PrintStream(
            new java.io.FileOutputStream(java.io.FileDescriptor.out), true, StandardCharsets.UTF_8),
        new PrintStream(
            new java.io.FileOutputStream(java.io.FileDescriptor.err), true, StandardCharsets.UTF_8),
        System.getenv("MLO_TERMINAL") != null && !"dumb".equals(System.getenv("TERM")),
        output);
  }

  public Output output() {
    return output;
  }

  public boolean isTerminal() {
    return terminal;
  }

  private Style style() {
    return new Style(terminal && System.getenv("NO_COLOR") == null);
  }

  /// One line of narration on stderr; silent with `-q`.
  public void say(String line) {
    if (output != Output.BRIEF) {
      err.println(line);
    }
  }

  /// Something the reader should know although the work goes on.
  public void warn(String line) {
    err.println(style().warn("warning: ") + line);
  }

  /// A line of progress. On a terminal it is drawn over by the next one; elsewhere it is not shown.
  public void transientLine(String line) {
    if (terminal && output != Output.BRIEF) {
      err.print("\r\u001b[2K" + line);
      err.flush();
    }
  }

  public void clearTransientLine() {
    if (terminal && output != Output.BRIEF) {
      err.print("\r\u001b[2K");
      err.flush();
    }
  }

  public void report(Report report) {
    switch (output) {
      case TEXT -> report.text(new Page(out, style()));
      case JSON -> {
        ObjectNode document = Json.object().put("schemaVersion", 1);
        document.setAll(report.json());
        write(document);
      }
      case BRIEF -> {
        if (!report.brief().isEmpty()) {
          out.println(report.brief());
        }
      }
    }
  }

  /// `error: …`, why, and a hint; with `-o json` also the document that says the same on stdout.
  public void failure(Failure failure) {
    clearTransientLine();
    err.println(style().bad("error: ") + failure.what());
    failure.why().forEach(line -> err.println("  " + line));
    if (failure.hint() != null) {
      err.println(style().dim("hint: ") + failure.hint());
    }
    if (output == Output.JSON) {
      ObjectNode document = Json.object().put("schemaVersion", 1);
      ObjectNode error = document.putObject("error");
      error.put("code", failure.code().name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'));
      error.put("exitCode", failure.code().number());
      error.put("what", failure.what());
      var why = error.putArray("why");
      failure.why().forEach(why::add);
      if (failure.hint() != null) {
        error.put("hint", failure.hint());
      }
      write(document);
    }
  }

  private void write(ObjectNode document) {
    byte[] bytes = Json.pretty(document);
    out.write(bytes, 0, bytes.length);
    out.flush();
  }
}
