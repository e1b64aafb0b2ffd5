package dev.mlo.cli.promote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import dev.mlo.oci.Digest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One change of an environment, kept for ever: a file below `events/MODEL/ENV`. Each names the
/// digest of the one before, so that no event can be changed or taken out unseen.
///
/// @param from what the environment pointed at before; `null` at the first promotion
/// @param source where the release was taken from: an environment, or `store` for the project's own
/// @param previousEvent the digest of the event file before; `null` at sequence 1
/// @param tool the version of `mlo` that wrote it
public record LedgerEvent(
    int sequence,
    EventKind kind,
    String id,
    String model,
    String environment,
    @Nullable Release from,
    Release to,
    String source,
    @Nullable Digest previousEvent,
    Actor actor,
    Instant at,
    @Nullable String reason,
    List<GateResult> gates,
    Moved closure,
    String tool) {

  /// How much the release consists of; bytes count everything below the root once.
  public record Moved(int manifests, int blobs, long bytes) {}

  public LedgerEvent {
    gates = List.copyOf(gates);
  }

  /// `000042-promote-ab12cd34ef567890.json`: sorted by name is sorted by sequence.
  String fileName() {
    return "%06d-%s-%s.json".formatted(sequence, kind.word(), id);
  }

  byte[] bytes() {
    ObjectNode node =
        Json.object()
            .put("schema", Ledger.FORMAT)
            .put("seq", sequence)
            .put("kind", kind.word())
            .put("id", id)
            .put("model", model)
            .put("env", environment)
            .put("source", source)
            .put("at", at.toString());
    if (from != null) {
      node.set("from", from.json());
    }
    node.set("to", to.json());
    if (previousEvent != null) {
      node.put("prevEvent", previousEvent.toString());
    }
    node.set("actor", actor.json());
    if (reason != null) {
      node.put("reason", reason);
    }
    ArrayNode list = node.putArray("gates");
    gates.forEach(gate -> list.add(gate.json()));
    node.putObject("closure")
        .put("manifests", closure.manifests())
        .put("blobs", closure.blobs())
        .put("bytes", closure.bytes());
    node.putObject("tool").put("version", tool);
    return Json.canonical(node);
  }

  static LedgerEvent parse(byte[] bytes) throws LedgerFormatException {
    JsonNode node;
    try {
      node = Json.parse(bytes);
    } catch (JsonFormatException e) {
      throw new LedgerFormatException(String.valueOf(e.getMessage()));
    }
    LedgerFields fields = new LedgerFields(node);
    fields.schema();
    @Nullable JsonNode from = fields.objectOrNull("from");
    var gates = new ArrayList<GateResult>();
    for (JsonNode gate : node.path("gates")) {
      gates.add(GateResult.parse(gate));
    }
    LedgerFields closure = new LedgerFields(fields.object("closure"));
    return new LedgerEvent(
        fields.sequence("seq"),
        EventKind.parse(fields.text("kind")),
        fields.text("id"),
        Names.label(fields.text("model")),
        Names.label(fields.text("env")),
        from == null ? null : Release.parse(from),
        Release.parse(fields.object("to")),
        fields.text("source"),
        fields.digestOrNull("prevEvent"),
        Actor.parse(fields.object("actor")),
        fields.instant("at"),
        fields.textOrNull("reason"),
        gates,
        new Moved(closure.sequence("manifests"), closure.sequence("blobs"), closure.count("bytes")),
        new LedgerFields(fields.object("tool")).text("version"));
  }
}
