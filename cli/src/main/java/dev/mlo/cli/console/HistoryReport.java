package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.promote.GateResult;
import dev.mlo.cli.promote.History;
import dev.mlo.cli.promote.LedgerEvent;
import dev.mlo.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What happened in the environments, the newest first.
public record HistoryReport(History.Result result) implements Report {
  @Override
  public void text(Page page) {
    if (result.events().isEmpty()) {
      page.line("nothing was promoted yet");
      page.next("mlo promote --to …");
      return;
    }
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("ENVIRONMENT", "#", "WHEN", "WHAT", "VERSION", "DIGEST", "WHO", "WHY"));
    for (LedgerEvent event : result.events()) {
      rows.add(
          List.of(
              event.environment(),
              Integer.toString(event.sequence()),
              event.at().toString(),
              word(event),
              event.to().version(),
              event.to().digest().brief(),
              event.actor().name(),
              event.reason() == null ? "" : event.reason().replaceAll("\\p{Cntrl}+", " ")));
    }
    page.table(rows);
    if (result.verified()) {
      page.line("");
      page.line(page.style().good("✓ ") + "the chain and the commits hold");
    }
  }

  private static String word(LedgerEvent event) {
    return event.kind().name().toLowerCase(Locale.ROOT);
  }

  @Override
  public ObjectNode json() {
    ObjectNode node = Json.object().put("model", result.model()).put("verified", result.verified());
    ArrayNode events = node.putArray("events");
    for (LedgerEvent event : result.events()) {
      events.add(json(event));
    }
    return node;
  }

  private static ObjectNode json(LedgerEvent event) {
    ObjectNode node =
        Json.object()
            .put("environment", event.environment())
            .put("sequence", event.sequence())
            .put("kind", word(event))
            .put("id", event.id())
            .put("at", event.at().toString())
            .put("version", event.to().version())
            .put("digest", event.to().digest().toString())
            .put("source", event.source());
    if (event.from() != null) {
      node.putObject("from")
          .put("version", event.from().version())
          .put("digest", event.from().digest().toString());
    }
    node.putObject("actor")
        .put("name", event.actor().name())
        .put("email", event.actor().email())
        .put("how", event.actor().how());
    if (event.reason() != null) {
      node.put("reason", event.reason());
    }
    ArrayNode gates = node.putArray("gates");
    for (GateResult gate : event.gates()) {
      gates.add(gate.json());
    }
    return node;
  }

  @Override
  public String brief() {
    return String.join(
        "\n",
        result.events().stream()
            .map(event -> event.environment() + " " + event.to().digest())
            .toList());
  }
}
