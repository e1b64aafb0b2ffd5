package dev.mlo.cli.promote;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.oci.ConflictException;
import dev.mlo.oci.Digest;
import dev.mlo.oci.LayoutStore;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The moving tag of an environment, which follows the ledger and never runs ahead of it.
record Pointer(Ledger ledger, LayoutStore target, Candidate candidate, PromotionLog log) {
  private static final int TRIES = 10;

  /// Moves the tag to what `mine` says, if the ledger still says so. The tag is read first, the
  /// ledger second, and the tag is moved only if it is still as it was read: whoever was stopped
  /// between the two for hours moves nothing.
  ///
  /// @param replace a digest the tag may be moved away from although `mlo` did not put it there
  void follow(EnvironmentRecord mine, @Nullable Digest replace) throws IOException {
    String tag = mine.pointer().tag();
    for (int i = 0; i < TRIES; i++) {
      @Nullable Digest now = Standing.digest(target.tags(), tag);
      requireStill(mine);
      if (mine.current().digest().equals(now)) {
        return;
      }
      if (now != null && !now.equals(replace) && !mine.expectsPointerAt(now)) {
        throw Standing.foreign(candidate, now, mine);
      }
      try {
        target.tag(tag, mine.current().root(), now);
        log.pointed(tag, mine.current());
        return;
      } catch (ConflictException e) {
        // Somebody moved it since it was read: look again at what it is now.
      }
    }
    throw Failure.of(ExitCode.CONFLICT, "`%s` keeps moving".formatted(tag))
        .why("another program changes %s at the same time".formatted(target.describe()))
        .hint("mlo status " + mine.environment());
  }

  private void requireStill(EnvironmentRecord mine) throws IOException {
    @Nullable EnvironmentRecord now = ledger.record(mine.model(), mine.environment()).orElse(null);
    if (now == null || now.sequence() != mine.sequence() || !now.event().equals(mine.event())) {
      List<LedgerEvent> events = ledger.events(mine.model(), mine.environment());
      throw lost(candidate, events.isEmpty() ? null : events.getLast());
    }
  }

  static Failure lost(Candidate candidate, @Nullable LedgerEvent other) {
    String environment = candidate.target().name();
    String who =
        other == null
            ? "the ledger no longer knows of `%s`".formatted(environment)
            : "%s put version %s, %s, there at %s (#%d)"
                .formatted(
                    other.actor().name(),
                    other.to().version(),
                    other.to().digest(),
                    other.at(),
                    other.sequence());
    return Failure.of(
            ExitCode.CONFLICT,
            "another promotion to `%s` was faster than %s"
                .formatted(environment, candidate.versionTag()))
        .why(who)
        .hint("mlo history " + environment);
  }
}
