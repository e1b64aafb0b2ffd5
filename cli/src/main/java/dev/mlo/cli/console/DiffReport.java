package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.image.DiffImages;
import dev.mlo.json.Json;
import dev.mlo.oci.Descriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What two images have and have not in common.
public record DiffReport(DiffImages.Result result) implements Report {
  private static final int CELL = "sha256:".length() + 64;

  @Override
  public void text(Page page) {
    page.line(
        "%s and %s: %s"
            .formatted(
                page.style().bold(result.a().display()),
                page.style().bold(result.b().display()),
                result.same()
                    ? page.style().good("the same digest")
                    : page.style().warn("different")));
    if (!result.same()) {
      page.line("");
      page.line("why the digests differ");
      result.causes().forEach(cause -> page.line("  - " + plain(cause)));
    }
    if (!result.differences().isEmpty()) {
      page.line("");
      table(page);
    }
    page.line("");
    page.line(
        "both have %d of %d layers, %s"
            .formatted(
                result.shared().size(),
                result.b().view().layers().size(),
                Amount.bytes(result.shared().stream().mapToLong(Descriptor::size).sum())));
    clients(page);
  }

  private void table(Page page) {
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("WHERE", "WHAT", "FIRST", "SECOND"));
    for (DiffImages.Difference difference : result.differences()) {
      rows.add(
          List.of(
              name(difference),
              plain(difference.what()),
              shown(difference.a()),
              shown(difference.b())));
    }
    page.table(rows);
  }

  private void clients(Page page) {
    if (!models()) {
      return;
    }
    if (result.hindrances().isEmpty()) {
      page.line("clients of the first can go on with the second");
    } else {
      page.line(page.style().warn("clients of the first cannot go on with the second:"));
      result.hindrances().forEach(hindrance -> page.line("  - " + plain(hindrance)));
    }
  }

  private boolean models() {
    return result.a().view().card() != null && result.b().view().card() != null;
  }

  private static String name(DiffImages.Difference difference) {
    return difference.section().name().toLowerCase(Locale.ROOT);
  }

  /// What an image says of itself must not drive the terminal it is shown on.
  private static String plain(String text) {
    return text.replaceAll("\\p{Cntrl}+", " ");
  }

  /// A cell holds a digest; what is longer is in `-o json`.
  private static String shown(@Nullable String text) {
    if (text == null) {
      return "-";
    }
    String line = plain(text);
    return line.length() > CELL ? line.substring(0, CELL - 1) + "…" : line;
  }

  @Override
  public ObjectNode json() {
    ObjectNode node = Json.object().put("same", result.same());
    node.set("a", side(result.a()));
    node.set("b", side(result.b()));
    ArrayNode causes = node.putArray("causes");
    result.causes().forEach(causes::add);
    ArrayNode differences = node.putArray("differences");
    for (DiffImages.Difference difference : result.differences()) {
      differences
          .addObject()
          .put("section", name(difference))
          .put("what", difference.what())
          .put("a", difference.a())
          .put("b", difference.b());
    }
    node.put("compatible", models() ? result.hindrances().isEmpty() : null);
    ArrayNode hindrances = node.putArray("hindrances");
    result.hindrances().forEach(hindrances::add);
    ArrayNode shared = node.putArray("sharedLayers");
    result
        .shared()
        .forEach(layer ->
            shared.addObject().put("digest", layer.digest().toString()).put("size", layer.size()));
    return node;
  }

  private static ObjectNode side(DiffImages.Side side) {
    return Json.object()
        .put("name", side.display())
        .put("digest", side.view().root().digest().toString());
  }

  @Override
  public String brief() {
    return result.same() ? "same" : "different";
  }
}
