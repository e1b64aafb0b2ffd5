package dev.mlo.cli.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mlo.json.Json;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Nobody waits in silence for ten seconds.
final class PulseTest {
  private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
  private final AtomicLong clock = new AtomicLong();
  private final Pulse pulse = new Pulse(clock::get, false);
  private final PrintStream err = new PrintStream(pulse.on(stderr), true, UTF_8);

  private Console console(Voice voice) {
    return new Console(err, Console.Output.TEXT, voice, pulse, new Style(false), new Style(false));
  }

  private String after(Duration time, Voice voice) {
    stderr.reset();
    clock.addAndGet(time.toNanos());
    pulse.look(voice);
    return stderr.toString(UTF_8);
  }

  @Test
  void whatIsStillUnderWayIsSaidAgain() {
    Voice lines = new Lines(err, clock::get);
    console(lines).say("starting the runner");

    assertThat(after(Duration.ofSeconds(7), lines)).isEmpty();
    assertThat(after(Duration.ofSeconds(1), lines))
        .isEqualTo("still at it after 8.0 s: starting the runner\n");
    assertThat(after(Duration.ofSeconds(7), lines)).isEmpty();
    assertThat(after(Duration.ofSeconds(1), lines)).contains("16");
  }

  @Test
  void whatIsSaidMeanwhileCounts() {
    Voice lines = new Lines(err, clock::get);
    console(lines).say("sending");
    clock.addAndGet(Duration.ofSeconds(5).toNanos());
    err.println("a sign of life");

    assertThat(after(Duration.ofSeconds(5), lines)).isEmpty();
    assertThat(after(Duration.ofSeconds(3), lines)).contains("sending");
  }

  @Test
  void whatPassesUnseenIsSaidWhenItLasts() {
    Voice lines = new Lines(err, clock::get);
    console(lines).passing("http://127.0.0.1:8082: warming", Console.event("swap"));

    assertThat(after(Duration.ofSeconds(8), lines)).contains("warming");
  }

  @Test
  void aProgramGetsAnEvent() {
    Voice json = new JsonLines(err, clock::get);
    console(json).say("starting the runner");

    assertThat(after(Duration.ofSeconds(8), json))
        .isEqualTo(
            "{\"event\":\"waiting\",\"message\":\"starting the runner\",\"milliseconds\":8000}\n");
  }

  @Test
  void afterTheResultNothingIsUnderWay() {
    Voice lines = new Lines(err, clock::get);
    Console console = console(lines);
    console.say("starting the runner");
    console.report(new SchemaReport(Json.object()));

    assertThat(after(Duration.ofMinutes(5), lines)).isEmpty();
    assertThat(pulse.look(lines)).isFalse();
  }

  @Test
  void whoWaitsForALockOrARegistryIsToldHowLong() {
    Voice lines = new Lines(err, clock::get);
    Console console = console(lines);

    new LockNarration(console)
        .waiting(java.nio.file.Path.of("/x/.lock"), "process 7", Duration.ofSeconds(60));
    new PlacesNarration(console).waiting("r.example", "it says nothing", Duration.ofSeconds(4));

    assertThat(stderr.toString(UTF_8))
        .isEqualTo(
            """
            waiting for process 7, which holds /x/.lock; 60 s at most
            r.example: it says nothing; waiting 4.0 s at most
            """);
  }
}
