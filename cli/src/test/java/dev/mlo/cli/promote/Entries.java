package dev.mlo.cli.promote;

import dev.mlo.oci.Digest;
import java.time.Instant;
import java.util.List;

/// Ledger entries without a promotion around them.
final class Entries {
  private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");

  private Entries() {}

  static Entry first(String environment, Release release) {
    LedgerEvent event = event(1, environment, release, null, null);
    return new Entry(event, record(event, null));
  }

  static Entry next(EnvironmentRecord before, Release release) {
    LedgerEvent event =
        event(
            before.sequence() + 1, before.environment(), release, before.current(), before.event());
    return new Entry(event, record(event, before.current()));
  }

  static Release release(String version) {
    byte[] bytes = version.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    return new Release(Digest.sha256(bytes), "text/plain", bytes.length, version);
  }

  private static LedgerEvent event(
      int sequence,
      String environment,
      Release release,
      @org.jspecify.annotations.Nullable Release from,
      @org.jspecify.annotations.Nullable Digest before) {
    return new LedgerEvent(
        sequence,
        EventKind.PROMOTE,
        "0123456789abcdef",
        "iris",
        environment,
        from,
        release,
        "store",
        before,
        TestProject.ALICE,
        NOON,
        null,
        List.of(new GateResult("integrity", Verdict.pass("all there"))),
        new LedgerEvent.Moved(1, 2, 3),
        "0.0-test");
  }

  private static EnvironmentRecord record(
      LedgerEvent event, @org.jspecify.annotations.Nullable Release previous) {
    return new EnvironmentRecord(
        "iris",
        event.environment(),
        event.sequence(),
        event.to(),
        previous,
        NOON,
        false,
        event.id(),
        new EnvironmentRecord.Pointer("iris:" + event.environment(), null),
        Digest.sha256(event.bytes()),
        null);
  }
}
