package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.registry.Logout;
import dev.mlo.json.Json;

/// What `mlo logout` forgot, or would forget.
public record LogoutReport(Logout.Result result) implements Report {
  @Override
  public void text(Page page) {
    if (result.places().isEmpty()) {
      page.line("nobody is logged in at " + result.host());
    }
    result
        .places()
        .forEach(place ->
            page.line(
                "%s what %s kept for %s"
                    .formatted(
                        result.dryRun() ? "would remove" : "removed", place, result.host())));
  }

  @Override
  public ObjectNode json() {
    ObjectNode node = Json.object().put("registry", result.host());
    var places = node.putArray("removed");
    result.places().forEach(place -> places.add(place.toString()));
    return node.put("dryRun", result.dryRun());
  }

  @Override
  public String brief() {
    return result.host();
  }
}
