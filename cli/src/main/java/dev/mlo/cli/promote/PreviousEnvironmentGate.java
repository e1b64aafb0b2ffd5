package dev.mlo.cli.promote;

import dev.mlo.oci.Digest;
import java.io.IOException;
import java.util.List;

/// Was exactly this release in the environment that comes before?
record PreviousEnvironmentGate(Ledger ledger, String before) implements Gate {
  static final String NAME = "previous environment";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Verdict judge(Candidate candidate) throws IOException {
    Digest digest = candidate.release().digest();
    List<LedgerEvent> events = ledger.events(candidate.model(), before);
    if (events.isEmpty()) {
      return refuse(candidate, "nothing was promoted to `%s` yet".formatted(before));
    }
    LedgerEvent last = events.getLast();
    if (last.to().digest().equals(digest)) {
      return Verdict.pass("it is in %s since #%d".formatted(before, last.sequence()));
    }
    for (LedgerEvent event : events.reversed()) {
      if (event.to().digest().equals(digest)) {
        return Verdict.pass("it was in %s, #%d".formatted(before, event.sequence()));
      }
    }
    return refuse(
        candidate,
        "%s was never in `%s`, where %s is"
            .formatted(candidate.release().brief(), before, last.to().brief()));
  }

  private Verdict refuse(Candidate candidate, String reason) {
    return new Verdict.Fail(
        reason, "mlo promote %s --to %s".formatted(candidate.versionTag(), before));
  }
}
