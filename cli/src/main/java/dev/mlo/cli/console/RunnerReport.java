package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.build.Layer;
import dev.mlo.cli.build.RunnerImage;
import dev.mlo.json.Json;
import java.util.ArrayList;
import java.util.List;

/// What `mlo runner build` made.
public record RunnerReport(RunnerImage.Built built) implements Report {
  public static RunnerReport of(RunnerImage.Built built) {
    return new RunnerReport(built);
  }

  @Override
  public void text(Page page) {
    page.line("runner image on base " + built.base() + ": " + built.image().digest());
    if (built.baseDigest() != null) {
      page.line("base digest: " + built.baseDigest());
    }
    page.table(rows(built.layers()));
    built
        .engines()
        .forEach((format, layer) ->
            page.line("engine %s: %s".formatted(format, Amount.bytes(layer.size()))));
    page.next("mlo build");
  }

  static List<List<String>> rows(List<Layer> layers) {
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("LAYER", "SIZE", "DIGEST", ""));
    for (Layer layer : layers) {
      rows.add(
          List.of(
              layer.role().equals(layer.what()) ? layer.what() : layer.role() + ": " + layer.what(),
              Amount.bytes(layer.descriptor().size()),
              layer.descriptor().digest().brief(),
              layer.reused() ? "reused" : "new"));
    }
    return rows;
  }

  @Override
  public ObjectNode json() {
    ObjectNode node =
        Json.object().put("digest", built.image().digest().toString()).put("base", built.base());
    if (built.baseDigest() != null) {
      node.put("baseDigest", built.baseDigest().toString());
    }
    var layers = node.putArray("layers");
    built.layers().forEach(layer -> layers.add(layer(layer)));
    ObjectNode engines = node.putObject("engines");
    built.engines().forEach((format, layer) -> engines.put(format, layer.digest().toString()));
    return node;
  }

  static ObjectNode layer(Layer layer) {
    return Json.object()
        .put("role", layer.role())
        .put("what", layer.what())
        .put("digest", layer.descriptor().digest().toString())
        .put("size", layer.descriptor().size())
        .put("reused", layer.reused());
  }

  @Override
  public String brief() {
    return built.image().digest().toString();
  }
}
