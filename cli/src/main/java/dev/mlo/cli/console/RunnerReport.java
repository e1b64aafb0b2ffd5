package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.build.Layer;
import dev.mlo.cli.build.RunnerImage;
import dev.mlo.json.Json;
import dev.mlo.oci.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// What `mlo runner build` made, one image for each platform.
public record RunnerReport(List<RunnerImage.Built> images) implements Report {
  public RunnerReport {
    images = List.copyOf(images);
  }

  @Override
  public void text(Page page) {
    for (RunnerImage.Built built : images) {
      page.line(
          "%s for %s on base %s: %s"
              .formatted(
                  built.dryRun() ? "would make the runner image" : "runner image",
                  built.platform(),
                  built.base(),
                  built.image().digest()));
      if (built.baseDigest() != null) {
        page.line("base digest: " + built.baseDigest());
      }
      if (built.java() != null) {
        page.line("Java: " + built.java());
      }
      page.table(rows(built.layers()));
      built
          .engines()
          .forEach((format, layer) ->
              page.line("engine %s: %s".formatted(format, Amount.bytes(layer.size()))));
    }
    page.next(
        images.getFirst().dryRun()
            ? "mlo runner build"
            : images.stream()
                .filter(built -> images.size() > 1 || !built.platform().equals(Platform.current()))
                .map(built -> " --platform " + built.platform())
                .reduce("mlo build", String::concat));
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
    ObjectNode node = json(images.getFirst());
    var platforms = node.putArray("images");
    images.forEach(built -> platforms.add(json(built)));
    return node;
  }

  private static ObjectNode json(RunnerImage.Built built) {
    ObjectNode node =
        Json.object()
            .put("digest", built.image().digest().toString())
            .put("platform", built.platform().toString())
            .put("base", built.base());
    if (built.baseDigest() != null) {
      node.put("baseDigest", built.baseDigest().toString());
    }
    node.put("java", built.java() == null ? "own" : built.java()).put("dryRun", built.dryRun());
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
    return images.stream()
        .map(built -> built.image().digest().toString())
        .collect(Collectors.joining("\n"));
  }
}
