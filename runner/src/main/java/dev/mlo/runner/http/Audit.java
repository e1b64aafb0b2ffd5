package dev.mlo.runner.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.json.Json;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// One line of JSON for every change somebody asked for, granted or not.
public final class Audit {
  private final PrintStream out;

  public Audit(PrintStream out) {
    this.out = out;
  }

  /// @param by how the caller proved himself; empty when he did not
  void changed(Exchange exchange, String by, int status) {
    ObjectNode line =
        Json.object()
            .put("at", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString())
            .put(
                "audit",
                exchange.request().getMethod() + " " + exchange.request().getHttpURI().getPath())
            .put("peer", AdminGate.peer(exchange).map(Object::toString).orElse("unknown"))
            .put("by", by)
            .put("status", status);
    out.println(new String(Json.compact(line), StandardCharsets.UTF_8));
  }
}
