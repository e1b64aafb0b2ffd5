package dev.mlo.cli.console;

import dev.mlo.cli.promote.GateResult;
import dev.mlo.cli.promote.PromotionLog;
import dev.mlo.cli.promote.Release;
import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;

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
    console.tell(
        source.equals(environment)
            ? "%s: in %s already once".formatted(what, environment)
            : "%s: %s to %s".formatted(what, from, environment),
        Console.event("resolved")
            .put("model", model)
            .put("version", release.version())
            .put("digest", release.digest().toString())
            .put("from", source)
            .put("to", environment));
  }

  @Override
  public void testing(Release release, int examples) {
    console.tell(
        "no test result for %s yet: asking its %d examples"
            .formatted(release.digest().brief(), examples),
        Console.event("testing")
            .put("digest", release.digest().toString())
            .put("examples", examples));
  }

  @Override
  public void judged(GateResult gate) {
    console.tell(
        "gate %s: %s, %s".formatted(gate.gate(), gate.word(), gate.detail()),
        Console.event("gate")
            .put("gate", gate.gate())
            .put("result", gate.word())
            .put("detail", gate.detail()));
  }

  @Override
  public CopyLog copying() {
    return new CopyNarration(console, CopyNarration.Way.COPY);
  }

  @Override
  public void copied(Copy.Report report) {
    if (report.blobs() + report.manifests() > 0) {
      console.tell(
          "copied %d blobs of %s; %s written, the rest was there or is a hard link"
              .formatted(
                  report.blobs(),
                  Amount.bytes(report.bytes()),
                  Amount.bytes(report.bytesWritten())),
          CopyNarration.event(report));
    }
  }

  @Override
  public void committed(String environment, int sequence) {
    console.tell(
        "recorded in the ledger: %s #%d".formatted(environment, sequence),
        Console.event("recorded").put("environment", environment).put("sequence", sequence));
  }

  @Override
  public void pointed(String tag, Release release) {
    console.tell(
        "%s points at %s".formatted(tag, release.digest().brief()),
        Console.event("pointed").put("tag", tag).put("digest", release.digest().toString()));
  }
}
