package dev.mlo.cli.promote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import dev.mlo.oci.Digest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// What the ledger says an environment should be: the file `envs/MODEL/ENV.json`.
///
/// @param sequence counts the events of this environment, from 1
/// @param previous what it pointed at before; `null` after the first promotion
/// @param since when it came to point at `current`
/// @param held whether a rollback asks that nothing automatic undoes it
/// @param promotionId the same for the same request: see [PromotionId]
/// @param pointer the moving tag that follows this record
/// @param event the digest of the event file that led here
/// @param repository where the image is pulled from, for the GitOps files; `null` when unknown
public record EnvironmentRecord(
    String model,
    String environment,
    int sequence,
    Release current,
    @Nullable Release previous,
    Instant since,
    boolean held,
    String promotionId,
    Pointer pointer,
    Digest event,
    @Nullable String repository) {

  /// @param replaces the digest the tag had when the record was committed, which is the one it may
  ///   still have if whoever committed was stopped; `null` when there was no tag
  public record Pointer(String tag, @Nullable Digest replaces) {}

  /// Whether the pointer may still be at `digest` because moving it was interrupted.
  boolean expectsPointerAt(Digest digest) {
    return digest.equals(pointer.replaces())
        || (previous != null && digest.equals(previous.digest()));
  }

  byte[] bytes() {
    ObjectNode node =
        Json.object()
            .put("schema", Ledger.FORMAT)
            .put("model", model)
            .put("env", environment)
            .put("seq", sequence)
            .put("since", since.toString())
            .put("hold", held)
            .put("promotionId", promotionId)
            .put("event", event.toString());
    node.set("current", current.json());
    if (previous != null) {
      node.set("previous", previous.json());
    }
    ObjectNode tag = node.putObject("pointer").put("tag", pointer.tag());
    if (pointer.replaces() != null) {
      tag.put("replaces", pointer.replaces().toString());
    }
    if (repository != null) {
      node.put("repository", repository);
    }
    return Json.canonical(node);
  }

  static EnvironmentRecord parse(byte[] bytes) throws LedgerFormatException {
    JsonNode node;
    try {
      node = Json.parse(bytes);
    } catch (JsonFormatException e) {
      throw new LedgerFormatException(String.valueOf(e.getMessage()));
    }
    LedgerFields fields = new LedgerFields(node);
    fields.schema();
    @Nullable JsonNode previous = fields.objectOrNull("previous");
    LedgerFields pointer = new LedgerFields(fields.object("pointer"));
    return new EnvironmentRecord(
        Names.label(fields.text("model")),
        Names.label(fields.text("env")),
        fields.sequence("seq"),
        Release.parse(fields.object("current")),
        previous == null ? null : Release.parse(previous),
        fields.instant("since"),
        node.path("hold").asBoolean(),
        fields.text("promotionId"),
        new Pointer(pointer.text("tag"), pointer.digestOrNull("replaces")),
        fields.digest("event"),
        fields.textOrNull("repository"));
  }
}
