package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.image.InspectImage;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import java.nio.charset.StandardCharsets;

/// A document that was attached to an image, as it is.
public record DocumentReport(InspectImage.Document document) implements Report {
  @Override
  public void text(Page page) {
    page.line(document.json().stripTrailing());
  }

  @Override
  public ObjectNode json() {
    ObjectNode node =
        Json.object()
            .put("name", document.display())
            .put("subject", document.subject().toString())
            .put("referrer", document.referrer().digest().toString());
    try {
      node.set("document", Json.parse(document.json().getBytes(StandardCharsets.UTF_8)));
    } catch (JsonFormatException e) {
      throw new IllegalStateException("the document was read as JSON before", e);
    }
    return node;
  }

  @Override
  public String brief() {
    return document.referrer().digest().toString();
  }
}
