package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.build.RunnerImage;
import dev.mlo.json.Json;
import java.util.ArrayList;
import java.util.List;

/// What `mlo runner list` shows.
public record RunnerListReport(List<RunnerImage.Listed> images) implements Report {
  @Override
  public void text(Page page) {
    if (images.isEmpty()) {
      page.line("no runner image yet");
      page.next("mlo runner build");
      return;
    }
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("NAME", "KIND", "VERSION", "BASE", "SIZE", "DIGEST"));
    for (RunnerImage.Listed image : images) {
      rows.add(
          List.of(
              image.name(),
              image.kind(),
              image.version(),
              image.base(),
              Amount.bytes(image.size()),
              image.digest().brief()));
    }
    page.table(rows);
  }

  @Override
  public ObjectNode json() {
    ObjectNode node = Json.object();
    var list = node.putArray("images");
    for (RunnerImage.Listed image : images) {
      list.addObject()
          .put("name", image.name())
          .put("kind", image.kind())
          .put("version", image.version())
          .put("base", image.base())
          .put("baseDigest", image.baseDigest())
          .put("size", image.size())
          .put("digest", image.digest().toString());
    }
    return node;
  }

  @Override
  public String brief() {
    return images.isEmpty() ? "" : images.getFirst().digest().toString();
  }
}
