package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.json.Json;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/// The two streams a command talks on: results to stdout, everything else to stderr.
public final class Console {
  /// What `-o` and `-q` choose.
  public enum Output {
    TEXT,
    JSON,
    BRIEF
  }

  /// What `--progress` chooses: how stderr tells what goes on.
  public enum Progress {
    /// Drawn on a terminal, a line a step elsewhere.
    AUTO,
    /// A line a step.
    PLAIN,
    /// Drawn, whatever stderr is.
    TTY,
    /// A JSON object a line.
    JSON,
    /// Warnings and failures only.
    NONE
  }

  private final PrintStream out;
  private final Output output;
  private final Voice voice;
  private final Pulse pulse;
  private final Style page;
  private final Style messages;

  Console(PrintStream out, Output output, Voice voice, Pulse pulse, Style page, Style messages) {
    this.out = out;
    this.output = output;
    this.voice = voice;
    this.pulse = pulse;
    this.page = page;
    this.messages = messages;
  }

  /// The console of this process, as the environment asks for it (`NO_COLOR`, `TERM=dumb`, `CI`).
  /// The launcher says which of the streams are terminals.
  public static Console system(Output output, Progress progress) {
    Map<String, String> environment = System.getenv();
    PrintStream out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    Pulse pulse = new Pulse(System::nanoTime);
    PrintStream err =
        new PrintStream(
            pulse.on(new FileOutputStream(FileDescriptor.err)), true, StandardCharsets.UTF_8);
    boolean able = !"dumb".equals(environment.get("TERM"));
    boolean colour = able && environment.getOrDefault("NO_COLOR", "").isEmpty();
    boolean terminal = able && environment.containsKey("MLO_TERMINAL");
    boolean watched = environment.getOrDefault("CI", "").matches("|0|false");
    Progress way =
        progress != Progress.AUTO ? progress : terminal && watched ? Progress.TTY : Progress.PLAIN;
    Voice voice = output == Output.BRIEF ? new Silence(err) : voice(way, err, environment);
    return new Console(
        out,
        output,
        voice,
        pulse,
        new Style(colour && environment.containsKey("MLO_TERMINAL_OUT")),
        new Style(colour && terminal));
  }

  private static Voice voice(Progress way, PrintStream err, Map<String, String> environment) {
    return switch (way) {
      case AUTO, PLAIN -> new Lines(err, System::nanoTime);
      case TTY -> new Screen(err, System::nanoTime, () -> Terminal.of(environment));
      case JSON -> new JsonLines(err, System::nanoTime);
      case NONE -> new Silence(err);
    };
  }

  public Output output() {
    return output;
  }

  /// An event for [#tell] and [#passing], to be filled in.
  static ObjectNode event(String name) {
    return Json.object().put("event", name);
  }

  /// Something that happened: a line for a person, an event for a program.
  void tell(String line, ObjectNode event) {
    voice.said(line, event);
    pulse.begin(line, voice);
  }

  /// It is waited for somebody else.
  ///
  /// @param line what for, and how long at most
  public void waiting(String line, Duration atMost) {
    tell(line, event("waiting").put("message", line).put("atMostMilliseconds", atMost.toMillis()));
  }

  /// Something that is over in a moment. On a terminal it is drawn over by what comes next;
  /// elsewhere a person is not told.
  void passing(String line, ObjectNode event) {
    voice.passing(line, event);
    pulse.begin(line, voice);
  }

  /// Long work begins.
  ///
  /// @param action what is done: `write`, `copy`, `upload`, `download`, `send`, `export`
  /// @param name what a person calls it
  /// @param digest `null`: it is not known yet
  /// @param total bytes; 0: it is not known
  Work begin(String action, String name, @Nullable String digest, long total) {
    Work work = new Work(voice, System::nanoTime, action, name, digest, total);
    voice.begun(work);
    return work;
  }

  /// One line of narration on stderr.
  public void say(String line) {
    tell(line, event("note").put("message", line));
  }

  /// Something the reader should know although the work goes on.
  public void warn(String line) {
    voice.insisted(messages.warn("warning: ") + line, event("warning").put("message", line));
  }

  public void report(Report report) {
    pulse.end();
    voice.clear();
    switch (output) {
      case TEXT -> report.text(new Page(out, page));
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
    pulse.end();
    voice.clear();
    var lines = new StringJoiner("\n");
    lines.add(messages.bad("error: ") + failure.what());
    failure.why().forEach(line -> lines.add("  " + line));
    if (failure.hint() != null) {
      lines.add(messages.dim("hint: ") + failure.hint());
    }
    voice.insisted(lines.toString(), describe(event("error"), failure));
    if (output == Output.JSON) {
      ObjectNode document = Json.object().put("schemaVersion", 1);
      describe(document.putObject("error"), failure);
      write(document);
    }
  }

  private static ObjectNode describe(ObjectNode error, Failure failure) {
    error.put("code", failure.code().name().toLowerCase(Locale.ROOT).replace('_', '-'));
    error.put("exitCode", failure.code().number());
    error.put("what", failure.what());
    var why = error.putArray("why");
    failure.why().forEach(why::add);
    if (failure.hint() != null) {
      error.put("hint", failure.hint());
    }
    return error;
  }

  private void write(ObjectNode document) {
    byte[] bytes = Json.pretty(document);
    out.write(bytes, 0, bytes.length);
    out.flush();
  }
}
