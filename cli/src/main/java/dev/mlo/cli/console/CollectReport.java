package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.image.CollectGarbage;
import dev.mlo.json.Json;

/// What a clean-up removed.
public record CollectReport(CollectGarbage.Result result) implements Report {
  @Override
  public void text(Page page) {
    for (CollectGarbage.Place place : result.places()) {
      if (place.collected().files() > 0) {
        page.line(
            "  %s  %s in %d blobs"
                .formatted(
                    place.directory(),
                    Amount.bytes(place.collected().bytes()),
                    place.collected().files()));
      }
    }
    CollectGarbage.Place unpacked = result.unpacked();
    if (unpacked.collected().files() > 0) {
      page.line(
          "  %s  %s in %d unpacked layers"
              .formatted(
                  unpacked.directory(),
                  Amount.bytes(unpacked.collected().bytes()),
                  unpacked.collected().files()));
    }
    if (result.uploads() > 0) {
      page.line("  %d notes of uploads that nobody can go on with".formatted(result.uploads()));
    }
    if (result.remembered() > 0) {
      page.line("  notes of builds on %d files whose layer is gone".formatted(result.remembered()));
    }
    if (result.isEmpty()) {
      page.line("nothing to clean up");
    } else {
      page.line(
          "%s %s, %d blobs and %d names"
              .formatted(
                  result.request().dryRun() ? "would free" : "freed",
                  Amount.bytes(result.bytes()),
                  result.files(),
                  result.untagged().size()));
    }
    if (result.request().dryRun() && !result.isEmpty()) {
      page.next(
          "mlo gc" + (result.request().keep() > 0 ? " --keep " + result.request().keep() : ""));
    }
  }

  @Override
  public ObjectNode json() {
    ObjectNode node =
        Json.object()
            .put("dryRun", result.request().dryRun())
            .put("blobs", result.files())
            .put("bytes", result.bytes())
            .put("uploads", result.uploads())
            .put("remembered", result.remembered());
    node.putObject("unpacked")
        .put("directory", result.unpacked().directory().toString())
        .put("layers", result.unpacked().collected().files())
        .put("bytes", result.unpacked().collected().bytes());
    ArrayNode names = node.putArray("untagged");
    result.untagged().forEach(names::add);
    ArrayNode places = node.putArray("places");
    for (CollectGarbage.Place place : result.places()) {
      places
          .addObject()
          .put("directory", place.directory().toString())
          .put("blobs", place.collected().files())
          .put("bytes", place.collected().bytes());
    }
    return node;
  }

  @Override
  public String brief() {
    return String.valueOf(result.bytes());
  }
}
