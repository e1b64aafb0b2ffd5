package dev.mlo.cli.promote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.json.Json;
import java.util.ArrayList;
import java.util.List;

/// A gate's name and its verdict, as kept in the ledger.
public record GateResult(String gate, Verdict verdict) {
  /// `pass`, `fail` or `pending`.
  public String word() {
    return switch (verdict) {
      case Verdict.Pass _ -> "pass";
      case Verdict.Fail _ -> "fail";
      case Verdict.Pending _ -> "pending";
    };
  }

  /// Why the verdict is what it is.
  public String detail() {
    return switch (verdict) {
      case Verdict.Pass pass -> pass.because();
      case Verdict.Fail fail -> fail.reason();
      case Verdict.Pending pending -> pending.reason();
    };
  }

  public ObjectNode json() {
    ObjectNode node =
        Json.object().put("name", gate).put("verdict", word()).put("detail", detail());
    switch (verdict) {
      case Verdict.Pass pass -> {
        ArrayNode list = node.putArray("evidence");
        for (Verdict.Evidence evidence : pass.evidence()) {
          list.addObject().put("digest", evidence.digest().toString()).put("type", evidence.type());
        }
      }
      case Verdict.Fail fail -> node.put("hint", fail.hint());
      case Verdict.Pending _ -> {}
    }
    return node;
  }

  static GateResult parse(JsonNode node) throws LedgerFormatException {
    LedgerFields fields = new LedgerFields(node);
    String detail = fields.text("detail");
    String word = fields.text("verdict");
    return new GateResult(
        fields.text("name"),
        switch (word) {
          case "pass" -> new Verdict.Pass(detail, evidence(node));
          case "fail" -> new Verdict.Fail(detail, node.path("hint").asText());
          case "pending" -> new Verdict.Pending(detail);
          default -> throw new LedgerFormatException("`" + word + "` is no verdict");
        });
  }

  private static List<Verdict.Evidence> evidence(JsonNode node) throws LedgerFormatException {
    var list = new ArrayList<Verdict.Evidence>();
    for (JsonNode element : node.path("evidence")) {
      LedgerFields fields = new LedgerFields(element);
      list.add(new Verdict.Evidence(fields.digest("digest"), fields.text("type")));
    }
    return list;
  }
}
