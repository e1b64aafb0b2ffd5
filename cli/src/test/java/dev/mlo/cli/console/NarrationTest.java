package dev.mlo.cli.console;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.Labels;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.MediaTypes;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// What narrations say to people and to programs.
final class NarrationTest {
  private static final Descriptor MODEL =
      Descriptor.of(MediaTypes.LAYER_TAR, new byte[2_000_000]).with(Labels.LAYER_ROLE, "model");
  private static final Descriptor BASE = Descriptor.of(MediaTypes.LAYER_TAR, new byte[3_000_000]);

  private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
  private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();
  private final AtomicLong clock = new AtomicLong();

  private PrintStream err() {
    return new PrintStream(stderr, true, UTF_8);
  }

  private Console console(Voice voice) {
    return new Console(
        new PrintStream(stdout, true, UTF_8),
        Console.Output.TEXT,
        voice,
        new Pulse(clock::get, false),
        new Style(false),
        new Style(false));
  }

  private List<JsonNode> events() throws JsonFormatException {
    var events = new ArrayList<JsonNode>();
    for (String line : stderr.toString(UTF_8).lines().toList()) {
      events.add(Json.parse(line.getBytes(UTF_8)));
    }
    return events;
  }

  private void copy(Console console) {
    CopyNarration log = new CopyNarration(console, CopyNarration.Way.UPLOAD);
    log.planned(2, 5_000_000);
    log.moved(BASE, 0);
    log.advanced(MODEL, 1_500_000);
    // After a broken connection, part of it is read again.
    log.advanced(MODEL, 1_500_000);
    log.moved(MODEL, 2_000_000);
  }

  @Test
  void programsReadOneObjectALine() throws JsonFormatException {
    Console console = console(new JsonLines(err(), clock::get));
    copy(console);
    new PlacesNarration(console)
        .again("registry.example.com", "it answers 503", Duration.ofSeconds(2), 2, 5);
    console.warn("careful");
    console.failure(Failure.of(ExitCode.NETWORK, "no").why("because").hint("again"));

    List<JsonNode> events = events();
    assertThat(events)
        .extracting(event -> event.path("event").asText() + " " + event.path("state").asText())
        .containsExactly(
            "plan ",
            "layer started",
            "layer reused",
            "layer started",
            "layer done",
            "retry ",
            "warning ",
            "error ");
    JsonNode done = events.get(4);
    assertThat(done.path("action").asText()).isEqualTo("upload");
    assertThat(done.path("digest").asText()).isEqualTo(MODEL.digest().toString());
    assertThat(done.path("bytes").asLong()).isEqualTo(2_000_000);
    assertThat(done.path("total").asLong()).isEqualTo(2_000_000);
    assertThat(events.get(5).path("try").asInt()).isEqualTo(2);
    assertThat(events.get(7).path("exitCode").asInt()).isEqualTo(7);
    assertThat(stdout.size()).isZero();
  }

  @Test
  void whatIsHereOfALayerIsSaidAndCounts() throws JsonFormatException {
    var log =
        new CopyNarration(console(new JsonLines(err(), clock::get)), CopyNarration.Way.DOWNLOAD);
    log.resumed(MODEL, 1_500_000);
    log.advanced(MODEL, 500_000);
    log.moved(MODEL, 500_000);
    JsonNode resumed = events().get(1);
    assertThat(resumed.path("event").asText()).isEqualTo("resume");
    assertThat(resumed.path("digest").asText()).isEqualTo(MODEL.digest().toString());
    assertThat(resumed.path("bytes").asLong()).isEqualTo(1_500_000);
    assertThat(events().getLast().path("bytes").asLong()).isEqualTo(2_000_000);
  }

  @Test
  void aLayerThatArrivesAtARunnerIsToldOnceAndAgainAfterABreak() throws JsonFormatException {
    SwapNarration log = new SwapNarration(console(new JsonLines(err(), clock::get)));
    URI runner = URI.create("https://fraud-1.example.com:8082");
    log.sending(runner, "sha256:a", 5, 10);
    log.retrying(runner, "the connection broke");
    log.sending(runner, "sha256:a", 10, 10);
    log.sending(runner, "sha256:a", 10, 10);
    assertThat(events())
        .extracting(event ->
            event.path("event").asText()
                + " "
                + event.path("state").asText("")
                + event.path("phase").asText(""))
        .containsExactly(
            "layer started", "layer broken", "swap retry", "layer started", "layer done");
  }

  @Test
  void programsAreNotFloodedWithBytes() throws JsonFormatException {
    JsonLines voice = new JsonLines(err(), clock::get);
    Work work = new Work(voice, clock::get, "upload", "model", null, 1_000_000);
    voice.begun(work);
    for (int i = 0; i < 1000; i++) {
      clock.addAndGet(1_000_000);
      work.add(1000);
    }
    assertThat(events()).hasSize(3);
  }

  @Test
  void aPipeGetsALineAStep() {
    Console console = console(new Lines(err(), clock::get));
    copy(console);
    new PlacesNarration(console)
        .again("registry.example.com", "it answers 503", Duration.ofSeconds(2), 2, 5);
    assertThat(stderr.toString(UTF_8).lines())
        .satisfiesExactly(
            line -> assertThat(line).isEqualTo("sending 2 blobs, 5.00 MB"),
            line ->
                assertThat(line).startsWith("model " + MODEL.digest().brief() + ": 2.00 MB in "),
            line ->
                assertThat(line)
                    .isEqualTo(
                        "registry.example.com: it answers 503; trying again in 2.0 s (2 of 5)"));
  }

  @Test
  void aPipeThatWaitsLongIsToldThatSomethingMoves() {
    Lines voice = new Lines(err(), clock::get);
    Work work = new Work(voice, clock::get, "upload", "model", null, 1_000_000_000);
    voice.begun(work);
    clock.set(9_000_000_000L);
    work.reach(100_000_000);
    assertThat(stderr.size()).isZero();
    clock.set(31_000_000_000L);
    work.reach(310_000_000);
    assertThat(stderr.toString(UTF_8)).isEqualTo("model: 31 % of 1.00 GB, 10.0 MB/s, 1:09 left\n");
  }

  @Test
  void silenceKeepsWarningsAndFailures() {
    Console console = console(new Silence(err()));
    copy(console);
    console.say("a note");
    console.warn("careful");
    console.failure(Failure.of(ExitCode.NETWORK, "no"));
    assertThat(stderr.toString(UTF_8)).isEqualTo("warning: careful\nerror: no\n");
  }

  @Test
  void aLayerThatBreaksOffIsNotSaidToBeThere() {
    BuildNarration build = new BuildNarration(console(new Lines(err(), clock::get)));
    build.layerStarted("base 1 of 1", 20_000_000);
    build.layerProgress(5_000_000);
    build.layerFinished();
    assertThat(stderr.size()).isZero();
  }
}
