package dev.mlo.cli.console;

import dev.mlo.cli.promote.GateResult;
import dev.mlo.cli.promote.PromotionLog;
import dev.mlo.cli.promote.Release;
import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Descriptor;
import java.util.concurrent.atomic.AtomicLong;

/// Tells a promotion on stderr, one line a step.
public final class PromotionNarration implements PromotionLog {
  private final Console console;

  public PromotionNarration(Console console) {
    this.console = console;
  }

  @Override
  public void resolved(String model, Release release, String source, String environment) {
    String what = "%s %s, %s".formatted(model, release.version(), release.digest().brief());
    String from = source.equals("store") ? "the project's store" : source;
    console.say(
        source.equals(environment)
            ? "%s: in %s already once".formatted(what, environment)
            : "%s: %s to %s".formatted(what, from, environment));
  }

  @Override
  public void testing(Release release, int examples) {
    console.say(
        "no test result for %s yet: asking its %d examples"
            .formatted(release.digest().brief(), examples));
  }

  @Override
  public void judged(GateResult gate) {
    console.say("gate %s: %s, %s".formatted(gate.gate(), gate.word(), gate.detail()));
  }

  @Override
  public CopyLog copying() {
    return new Progress(console);
  }

  @Override
  public void copied(Copy.Report report) {
    console.clearTransientLine();
    if (report.blobs() + report.manifests() > 0) {
      console.say(
          "copied %d blobs of %s; %s written, the rest was there or is a hard link"
              .formatted(report.blobs(), bytes(report.bytes()), bytes(report.bytesWritten())));
    }
  }

  @Override
  public void committed(String environment, int sequence) {
    console.say("recorded in the ledger: %s #%d".formatted(environment, sequence));
  }

  @Override
  public void pointed(String tag, Release release) {
    console.say("%s points at %s".formatted(tag, release.digest().brief()));
  }

  private static String bytes(long count) {
    if (count < 1000) {
      return count + " B";
    }
    double value = count;
    String unit = "B";
    for (String next : java.util.List.of("kB", "MB", "GB", "TB")) {
      if (value >= 999.5) {
        value /= 1000;
        unit = next;
      }
    }
    return String.format(java.util.Locale.ROOT, value < 10 ? "%.1f %s" : "%.0f %s", value, unit);
  }

  /// Draws how much of the closure is at the target.
  private static final class Progress implements CopyLog {
    private final Console console;
    private final AtomicLong done = new AtomicLong();
    private volatile long all;

    Progress(Console console) {
      this.console = console;
    }

    @Override
    public void planned(long blobs, long bytes) {
      all = bytes;
    }

    @Override
    public void moved(Descriptor blob, long bytes) {
      long now = done.addAndGet(blob.size());
      console.transientLine("copying %s of %s".formatted(bytes(now), bytes(all)));
    }
  }
}
