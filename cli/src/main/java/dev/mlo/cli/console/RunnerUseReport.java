package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.build.RunnerUse;
import dev.mlo.json.Json;

/// What `mlo runner use` chose.
public record RunnerUseReport(RunnerUse.Result result) implements Report {
  @Override
  public void text(Page page) {
    if (result.moved() != null) {
      page.line(
          "%s %s, %s were here"
              .formatted(
                  result.dryRun() ? "would fetch" : "fetched",
                  Amount.bytes(result.moved().bytesWritten()),
                  Amount.bytes(
                      Math.max(0, result.moved().bytes() - result.moved().bytesWritten()))));
    }
    for (RunnerUse.Used used : result.images()) {
      page.line(
          "%s for %s: %s (mlo %s)"
              .formatted(
                  !used.changed() ? "in use already" : result.dryRun() ? "would use" : "in use",
                  used.platform(),
                  page.style().bold(used.digest().toString()),
                  used.version()));
    }
    page.next("mlo build");
  }

  @Override
  public ObjectNode json() {
    ObjectNode node =
        Json.object().put("digest", result.root().toString()).put("dryRun", result.dryRun());
    var images = node.putArray("images");
    for (RunnerUse.Used used : result.images()) {
      images
          .addObject()
          .put("platform", used.platform().toString())
          .put("digest", used.digest().toString())
          .put("version", used.version())
          .put("changed", used.changed());
    }
    node.put("bytesFetched", result.moved() == null ? 0 : result.moved().bytesWritten());
    return node;
  }

  @Override
  public String brief() {
    return result.root().toString();
  }
}
