package dev.mlo.cli.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class ScreenTest {
  private static final int COLUMNS = 100;

  private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
  private final AtomicLong clock = new AtomicLong();
  private final Screen screen =
      new Screen(
          new PrintStream(sent, true, UTF_8), clock::get, () -> new Terminal(COLUMNS, 8), false);

  private TerminalPicture picture() {
    return TerminalPicture.of(sent.toString(UTF_8), COLUMNS);
  }

  private Work begin(String name, long total) {
    Work work = new Work(screen, clock::get, "upload", name, null, total);
    screen.begun(work);
    return work;
  }

  private void say(String line) {
    screen.said(line, Console.event("note"));
  }

  @Test
  void eachLayerHasARowBelowWhatWasSaid() {
    say("sending 2 blobs");
    Work model = begin("model", 200_000_000);
    Work engine = begin("engine", 50_000_000);
    clock.set(1_000_000_000);
    model.reach(100_000_000);
    engine.add(10_000_000);
    screen.draw();

    assertThat(picture().lines())
        .satisfiesExactly(
            first -> assertThat(first).isEqualTo("sending 2 blobs"),
            row -> assertThat(row).startsWith("model ").contains("100 MB of 200 MB", "100 MB/s"),
            row -> assertThat(row).startsWith("engine ").contains("10.0 MB of 50.0 MB", "0:04"));
    assertThat(picture().cursor()).as("where a prompt comes after kill -9").isEqualTo("3:0");

    engine.done("engine: 50.0 MB in 1.0 s");
    assertThat(picture().lines())
        .satisfiesExactly(
            first -> assertThat(first).isEqualTo("sending 2 blobs"),
            line -> assertThat(line).isEqualTo("engine: 50.0 MB in 1.0 s"),
            row -> assertThat(row).startsWith("model "));

    model.done("model: 200 MB in 2.0 s");
    screen.draw();
    assertThat(picture().lines())
        .containsExactly("sending 2 blobs", "engine: 50.0 MB in 1.0 s", "model: 200 MB in 2.0 s");
  }

  @Test
  void atEveryInstantTheCursorIsThereAndLinesWrap() {
    begin("model", 10).reach(5);
    screen.passing("loading", Console.event("state"));
    screen.draw();
    say("a note");
    screen.clear();
    String all = sent.toString(UTF_8);
    for (int end = all.indexOf("\u001b[?25h");
        end >= 0;
        end = all.indexOf("\u001b[?25h", end + 1)) {
      TerminalPicture then = TerminalPicture.of(all.substring(0, end + 6), COLUMNS);
      assertThat(then.showsCursor() && then.wraps()).isTrue();
    }
    assertThat(picture().showsCursor()).isTrue();
    assertThat(picture().lines()).containsExactly("a note");
  }

  @Test
  void whatHasNotChangedIsNotDrawnAgain() {
    begin("model", 10);
    screen.draw();
    int before = sent.size();
    screen.draw();
    assertThat(sent.size()).isEqualTo(before);
  }

  @Test
  void moreRowsThanTheTerminalHasAreCounted() {
    for (int i = 0; i < 9; i++) {
      begin("layer " + i, 10);
    }
    screen.draw();
    assertThat(picture().lines()).hasSize(5).last().isEqualTo("and 5 more");
  }

  @Test
  void aFailureTakesTheRowsAway() {
    begin("model", 10);
    screen.draw();
    new Console(
            new PrintStream(new ByteArrayOutputStream(), true, UTF_8),
            Console.Output.TEXT,
            screen,
            new Pulse(System::nanoTime, false),
            new Style(false),
            new Style(false))
        .failure(Failure.of(ExitCode.INTERRUPTED, "interrupted").hint("again"));
    assertThat(picture().lines()).containsExactly("error: interrupted", "hint: again");
  }

  @Test
  void aTerminalSaysHowLargeItIsOrIsTakenForAnOrdinaryOne() {
    assertThat(Terminal.parse("24 132")).isEqualTo(new Terminal(132, 24));
    assertThat(Terminal.parse("0 0")).isEqualTo(Terminal.USUAL);
    assertThat(Terminal.parse("stty: error")).isEqualTo(Terminal.USUAL);
    assertThat(Terminal.parse(null)).isEqualTo(Terminal.USUAL);
    assertThat(Terminal.of(java.util.Map.of("COLUMNS", "40", "LINES", "10")))
        .isEqualTo(new Terminal(40, 10));
  }
}
