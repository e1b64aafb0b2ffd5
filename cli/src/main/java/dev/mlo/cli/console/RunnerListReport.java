package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.build.RunnerStore;
import dev.mlo.json.Json;
import java.util.ArrayList;
import java.util.List;

/// What `mlo runner list` shows.
public record RunnerListReport(List<RunnerStore.Listed> images) implements Report {
  @Override
  public void text(Page page) {
    if (images.isEmpty()) {
      page.line("no runner image yet");
      page.next("mlo runner build");
      return;
    }
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("DIGEST", "PLATFORM", "MLO", "BASE", "SIZE", "ENGINES", ""));
    for (RunnerStore.Listed image : images) {
      rows.add(
          List.of(
              image.digest().brief(),
              image.platform().toString(),
              image.version(),
              image.base(),
              Amount.bytes(image.size()),
              String.join(", ", image.engines().keySet()),
              image.inUse() ? "in use" : ""));
    }
    page.table(rows);
    images.stream()
        .filter(image -> !image.inUse())
        .findFirst()
        .ifPresent(image -> page.next("mlo runner use " + image.digest().brief()));
  }

  @Override
  public ObjectNode json() {
    ObjectNode node = Json.object();
    var list = node.putArray("images");
    for (RunnerStore.Listed image : images) {
      ObjectNode entry =
          list.addObject()
              .put("digest", image.digest().toString())
              .put("platform", image.platform().toString())
              .put("version", image.version())
              .put("base", image.base())
              .put("baseDigest", image.baseDigest())
              .put("java", image.java())
              .put("size", image.size())
              .put("inUse", image.inUse());
      ObjectNode engines = entry.putObject("engines");
      image.engines().forEach((format, digest) -> engines.put(format, digest.toString()));
    }
    return node;
  }

  @Override
  public String brief() {
    return images.isEmpty() ? "" : images.getFirst().digest().toString();
  }
}
