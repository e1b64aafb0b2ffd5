package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.build.ImageBuild;
import dev.mlo.json.Json;
import java.time.Duration;
import java.util.List;

/// What `mlo build` made.
///
/// @param copies where it was copied to, or would be
public record BuildReport(ImageBuild.Result result, List<String> copies, Duration time)
    implements Report {
  public BuildReport {
    copies = List.copyOf(copies);
  }

  @Override
  public void text(Page page) {
    page.table(RunnerReport.rows(result.layers()));
    page.line("");
    page.line(
        "%s %s in %s: reused %d of %d layers, %s not written, %s new"
            .formatted(
                result.dryRun() ? "would build" : result.unchanged() ? "unchanged" : "built",
                page.style().bold(result.name()),
                Amount.time(time),
                result.layersReused(),
                result.layers().size(),
                Amount.bytes(result.bytesReused()),
                Amount.bytes(result.bytesWritten())));
    page.line(result.card().name() + "@" + result.digest());
    if (result.images().size() > 1) {
      result
          .images()
          .forEach(
              image -> page.line("  %s %s".formatted(image.platform(), image.image().digest())));
    }
    if (result.lock() != null) {
      page.line((result.dryRun() ? "would write " : "wrote ") + result.lock().getFileName());
    }
    if (result.attached() > 0) {
      page.line("attached its provenance and bill of materials");
    }
    copies.forEach(
        copy -> page.line((result.dryRun() ? "would be copied to " : "copied to ") + copy));
    page.next(
        result.dryRun()
            ? "mlo build"
            : (result.card().examples().isEmpty() ? "mlo run " : "mlo test ") + result.name());
  }

  @Override
  public ObjectNode json() {
    ObjectNode node =
        Json.object()
            .put("name", result.card().name())
            .put("version", result.card().version())
            .put("image", result.name())
            .put("digest", result.digest().toString())
            .put("reference", brief())
            .put("model", result.card().digest())
            .put("unchanged", result.unchanged())
            .put("dryRun", result.dryRun());
    if (result.replaced() != null) {
      node.put("replaced", result.replaced().toString());
    }
    if (result.lock() != null) {
      node.put("lock", result.lock().toString());
    }
    var platforms = node.putArray("platforms");
    for (ImageBuild.PlatformImage image : result.images()) {
      platforms
          .addObject()
          .put("platform", image.platform().toString())
          .put("digest", image.image().digest().toString());
    }
    var names = node.putArray("names");
    result.names().forEach(names::add);
    var to = node.putArray("copies");
    copies.forEach(to::add);
    node.put("attached", result.attached());
    node.put("bytesWritten", result.bytesWritten());
    node.put("bytesReused", result.bytesReused());
    var layers = node.putArray("layers");
    result.layers().forEach(layer -> layers.add(RunnerReport.layer(layer)));
    node.put("milliseconds", time.toMillis());
    return node;
  }

  @Override
  public String brief() {
    return result.card().name() + "@" + result.digest();
  }
}
