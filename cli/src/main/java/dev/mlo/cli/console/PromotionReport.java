package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.promote.EnvironmentRecord;
import dev.mlo.cli.promote.EventKind;
import dev.mlo.cli.promote.GateResult;
import dev.mlo.cli.promote.PromotionResult;
import dev.mlo.cli.promote.Release;
import dev.mlo.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What a promotion or a rollback did: what moved, by which digest, past which gates, where it is
/// recorded, how to undo it.
public record PromotionReport(PromotionResult result) implements Report {
  @Override
  public void text(Page page) {
    page.line(page.style().good("✓ ") + headline());
    page.line("  digest    " + result.release().digest());
    page.line("  gates     " + gates());
    page.line("  recorded  " + recorded());
    page.line("  undo      " + undo());
    page.next(next());
  }

  private String headline() {
    String what = "%s %s".formatted(result.model(), result.release().version());
    String where = result.environment();
    String was = result.previous() == null ? "" : " (was " + result.previous().version() + ")";
    return switch (result.outcome()) {
      case DONE ->
          result.kind() == EventKind.ROLLBACK
              ? "%s is back in %s%s; held until the next promotion".formatted(what, where, was)
              : "%s is in %s%s".formatted(what, where, was);
      case ALREADY_THERE -> "%s is already there: nothing to do in %s".formatted(what, where);
      case FINISHED ->
          "finished an interrupted %s: %s is in %s"
              .formatted(
                  result.kind() == EventKind.ROLLBACK ? "rollback" : "promotion", what, where);
      case RESTORED ->
          "%s is in %s again: what was missing there is restored".formatted(what, where);
      case PLANNED -> "%s would go to %s%s; nothing was changed".formatted(what, where, was);
    };
  }

  private String gates() {
    if (result.gates().isEmpty()) {
      return "not asked again";
    }
    return String.join(
        " · ",
        result.gates().stream()
            .map(gate -> gate.gate() + " " + gate.word() + " (" + gate.detail() + ")")
            .toList());
  }

  private String recorded() {
    @Nullable EnvironmentRecord record = result.recorded();
    return record == null || result.outcome() == PromotionResult.Outcome.PLANNED
        ? "nowhere: a dry run"
        : "%s #%d %s in %s"
            .formatted(
                result.environment(), record.sequence(), record.promotionId(), result.ledger());
  }

  private String undo() {
    if (result.outcome() == PromotionResult.Outcome.PLANNED) {
      return "nothing to undo";
    }
    @Nullable Release previous = result.previous();
    if (result.kind() == EventKind.ROLLBACK && previous != null) {
      return "mlo promote %s@%s --to %s"
          .formatted(result.model(), previous.digest(), result.environment());
    }
    return result.undo()
        ? "mlo rollback " + result.environment()
        : "nothing was in %s before".formatted(result.environment());
  }

  private String next() {
    if (result.outcome() == PromotionResult.Outcome.PLANNED) {
      return result.kind() == EventKind.ROLLBACK
          ? "mlo rollback %s --to %s".formatted(result.environment(), result.release().digest())
          : "mlo promote %s@%s --to %s"
              .formatted(result.model(), result.release().digest(), result.environment());
    }
    return result.following().isPresent() && result.kind() == EventKind.PROMOTE
        ? "mlo promote --to " + result.following().get()
        : "mlo status";
  }

  @Override
  public ObjectNode json() {
    ObjectNode node =
        Json.object()
            .put("outcome", result.outcome().name().toLowerCase(Locale.ROOT).replace('_', '-'))
            .put("kind", result.kind().name().toLowerCase(Locale.ROOT))
            .put("model", result.model())
            .put("environment", result.environment())
            .put("version", result.release().version())
            .put("digest", result.release().digest().toString())
            .put("source", result.source());
    @Nullable Release previous = result.previous();
    if (previous != null) {
      node.putObject("previous")
          .put("version", previous.version())
          .put("digest", previous.digest().toString());
    }
    ArrayNode gates = node.putArray("gates");
    for (GateResult gate : result.gates()) {
      gates.add(gate.json());
    }
    node.putObject("closure")
        .put("manifests", result.closure().manifests())
        .put("blobs", result.closure().blobs())
        .put("bytes", result.closure().bytes());
    node.put("bytesWritten", result.bytesWritten());
    @Nullable EnvironmentRecord record = result.recorded();
    if (record != null && result.outcome() != PromotionResult.Outcome.PLANNED) {
      node.putObject("recorded")
          .put("sequence", record.sequence())
          .put("promotionId", record.promotionId())
          .put("since", record.since().toString())
          .put("hold", record.held())
          .put("ledger", result.ledger().toString());
    }
    ArrayNode next = node.putArray("next");
    List<String> commands = new ArrayList<>(List.of(next()));
    commands.forEach(next::add);
    return node;
  }

  @Override
  public String brief() {
    return result.model() + "@" + result.release().digest();
  }
}
