package dev.mlo.cli.console;

import dev.mlo.cli.build.BuildLog;
import dev.mlo.oci.Digest;
import java.time.Duration;

/// Building, as a person watches it: a bar over the bytes of each large layer.
public final class BuildNarration implements BuildLog {
  private static final long DRAW_EVERY_NANOS = 100_000_000;

  private final Console console;
  private String what = "";
  private long total;
  private long started;
  private long drawn;

  public BuildNarration(Console console) {
    this.console = console;
  }

  @Override
  public void runnerImageNeeded(String why) {
    console.say("making the shared runner image: " + why);
  }

  @Override
  public void baseFound(String reference, Digest digest, int layers, int missing, long bytes) {
    console.say(
        "base %s is %s: %s"
            .formatted(
                reference,
                digest,
                missing == 0
                    ? "all its %d layers are here already".formatted(layers)
                    : "%d of %d layers to fetch, %s"
                        .formatted(missing, layers, Amount.bytes(bytes))));
  }

  @Override
  public void layerStarted(String what, long bytes) {
    this.what = what;
    this.total = bytes;
    this.started = System.nanoTime();
    this.drawn = 0;
    if (!console.isTerminal()) {
      console.say("layer %s: %s".formatted(what, Amount.bytes(bytes)));
    }
  }

  @Override
  public void layerProgress(long bytes) {
    long now = System.nanoTime();
    if (now - drawn >= DRAW_EVERY_NANOS) {
      drawn = now;
      long millis = Math.max(1, (now - started) / 1_000_000);
      console.transientLine(
          "layer %s: %d %% of %s, %s/s"
              .formatted(
                  what,
                  bytes * 100 / Math.max(1, total),
                  Amount.bytes(total),
                  Amount.bytes(bytes * 1000 / millis)));
    }
  }

  @Override
  public void layerFinished() {
    console.clearTransientLine();
    if (console.isTerminal()) {
      Duration took = Duration.ofNanos(System.nanoTime() - started);
      console.say("layer %s: %s in %s".formatted(what, Amount.bytes(total), Amount.time(took)));
    }
  }

  @Override
  public void note(String sentence) {
    console.say("note: " + sentence);
  }

  @Override
  public void nameMoved(String name, Digest before) {
    console.warn("%s pointed at %s before".formatted(name, before));
  }
}
