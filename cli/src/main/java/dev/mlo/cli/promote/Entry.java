package dev.mlo.cli.promote;

import dev.mlo.oci.Digest;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What is written into the ledger together: an event, and the record it leads to.
record Entry(LedgerEvent event, EnvironmentRecord record) {
  static Entry of(
      Candidate candidate,
      Standing before,
      Delivery.Order order,
      List<GateResult> gates,
      Author author,
      @Nullable String repository) {
    @Nullable EnvironmentRecord was = before.record();
    String model = candidate.model();
    String environment = candidate.target().name();
    Release release = candidate.release();
    int sequence = was == null ? 1 : was.sequence() + 1;
    String id = PromotionId.of(model, environment, release.digest(), was);
    Instant now = author.now();
    var event =
        new LedgerEvent(
            sequence,
            order.kind(),
            id,
            model,
            environment,
            was == null ? null : was.current(),
            release,
            candidate.source().name(),
            was == null ? null : was.event(),
            author.actor(),
            now,
            order.reason(),
            gates,
            candidate.size(),
            author.tool());
    var record =
        new EnvironmentRecord(
            model,
            environment,
            sequence,
            release,
            was == null ? null : was.current(),
            now,
            order.kind() == EventKind.ROLLBACK,
            id,
            new EnvironmentRecord.Pointer(candidate.pointerTag(), before.pointer()),
            Digest.sha256(event.bytes()),
            repository);
    return new Entry(event, record);
  }
}
