package dev.mlo.cli.console;

import static java.util.stream.Collectors.joining;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.attest.Evidence;
import dev.mlo.attest.Provenance;
import dev.mlo.attest.TestResult;
import dev.mlo.cli.image.InspectImage;
import dev.mlo.cli.project.ImageView;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.TensorSpec;
import dev.mlo.json.Json;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Everything there is to say of an image.
public record InspectReport(InspectImage.Result result) implements Report {
  @Override
  public void text(Page page) {
    ImageView view = result.view();
    page.line(page.style().bold(result.display()));
    var rows = new ArrayList<List<String>>();
    row(rows, "digest", view.root().digest().toString());
    if (!view.root().digest().equals(view.image().digest())) {
      row(rows, "manifest", "%s for %s".formatted(view.image().digest(), view.platform()));
    }
    row(rows, "platform", view.platforms().stream().map(Platform::toString).collect(joining(", ")));
    if (view.card() != null) {
      card(rows, view.card());
    }
    row(rows, "test", test(page));
    result.provenance().ifPresent(provenance -> said(rows, "provenance", provenance(provenance)));
    if (result.components() > 0) {
      row(rows, "bill", result.components() + " components, CycloneDX 1.6");
    }
    for (Evidence other : result.evidence()) {
      if (other.kind() == Evidence.Kind.OTHER) {
        said(
            rows,
            "attached",
            "%s %s".formatted(other.referrer().artifactType(), other.referrer().digest().brief()));
      }
    }
    row(rows, "size", "%s in %d layers".formatted(Amount.bytes(view.size()), view.layers().size()));
    page.table(rows);
    page.line("");
    layers(page, view);
    if (view.card() != null && result.test().isEmpty()) {
      page.next("mlo test " + result.display().split(" ", 2)[0]);
    }
  }

  private static void row(List<List<String>> rows, String key, String value) {
    rows.add(List.of("  " + key, value));
  }

  /// What an image says of itself must not drive the terminal it is shown on.
  private static void said(List<List<String>> rows, String key, String value) {
    row(rows, key, value.replaceAll("\\p{Cntrl}+", " "));
  }

  private static void card(List<List<String>> rows, ModelCard card) {
    said(
        rows,
        "model",
        "%s %s, %s, %s".formatted(card.name(), card.version(), card.format(), card.entry()));
    said(rows, "model digest", card.digest());
    if (card.description() != null) {
      said(rows, "description", card.description());
    }
    if (card.license() != null) {
      said(rows, "license", card.license());
    }
    if (!card.authors().isEmpty()) {
      said(rows, "authors", String.join(", ", card.authors()));
    }
    card.labels().forEach((key, value) -> said(rows, "label", key + "=" + value));
    for (TensorSpec input : card.signature().inputs()) {
      said(rows, "input", input.toString());
    }
    for (TensorSpec output : card.signature().outputs()) {
      said(rows, "output", output.toString());
    }
    if (card.provenance() != null) {
      card.provenance()
          .path("metrics")
          .properties()
          .forEach(
              metric -> said(rows, "metric", metric.getKey() + " " + metric.getValue().asText()));
    }
    said(rows, "examples", String.valueOf(card.examples().size()));
  }

  private String test(Page page) {
    if (result.test().isEmpty()) {
      return "no result";
    }
    TestResult test = result.test().get();
    long passed = test.examples().stream().filter(TestResult.Example::passed).count();
    String counts =
        "%d of %d examples, %s".formatted(passed, test.examples().size(), test.testedAt());
    return test.passed()
        ? page.style().good("passed") + " " + counts
        : page.style().bad("failed") + " " + counts;
  }

  private String provenance(Provenance provenance) {
    long statements =
        result.evidence().stream().filter(e -> e.kind() == Evidence.Kind.PROVENANCE).count();
    String commit = provenance.commit() == null ? "no git commit" : "commit " + provenance.commit();
    return commit
        + (provenance.dirty() ? " with changes" : "")
        + (provenance.repository() == null ? "" : " of " + provenance.repository())
        + ", by mlo "
        + provenance.builder()
        + (statements > 1 ? "; %d older statements".formatted(statements - 1) : "");
  }

  private static void layers(Page page, ImageView view) {
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("LAYER", "SIZE", "DIGEST"));
    for (ImageView.Layer layer : view.layers()) {
      String role = layer.role().isEmpty() ? "-" : layer.role();
      rows.add(
          List.of(
              layer.format().isEmpty() ? role : role + " " + layer.format(),
              Amount.bytes(layer.descriptor().size()),
              layer.descriptor().digest().brief()));
    }
    page.table(rows);
  }

  @Override
  public ObjectNode json() {
    ImageView view = result.view();
    @Nullable ModelCard card = view.card();
    ObjectNode node =
        Json.object()
            .put("name", result.display())
            .put("digest", view.root().digest().toString())
            .put("mediaType", view.root().mediaType())
            .put("manifest", view.image().digest().toString())
            .put("platform", view.platform().toString())
            .put("size", view.size());
    node.set("card", card == null ? null : Json.tree(card));
    ArrayNode platforms = node.putArray("platforms");
    view.platforms().forEach(platform -> platforms.add(platform.toString()));
    ArrayNode layers = node.putArray("layers");
    for (ImageView.Layer layer : view.layers()) {
      layers
          .addObject()
          .put("role", layer.role().isEmpty() ? null : layer.role())
          .put("format", layer.format().isEmpty() ? null : layer.format())
          .put("mediaType", layer.descriptor().mediaType())
          .put("digest", layer.descriptor().digest().toString())
          .put("size", layer.descriptor().size());
    }
    ObjectNode labels = node.putObject("labels");
    view.labels().forEach(labels::put);
    ArrayNode referrers = node.putArray("referrers");
    for (Evidence evidence : result.evidence()) {
      Descriptor referrer = evidence.referrer();
      ObjectNode entry =
          referrers
              .addObject()
              .put("kind", evidence.kind().name().toLowerCase(Locale.ROOT))
              .put("artifactType", referrer.artifactType())
              .put("digest", referrer.digest().toString());
      ObjectNode annotations = entry.putObject("annotations");
      evidence.manifest().annotations().forEach(annotations::put);
    }
    node.set("provenance", result.provenance().map(Json::tree).orElse(null));
    node.put("components", result.components());
    node.set("test", result.test().map(InspectReport::test).orElse(null));
    return node;
  }

  private static ObjectNode test(TestResult test) {
    ObjectNode node =
        Json.object()
            .put("passed", test.passed())
            .put("testedAt", test.testedAt())
            .put("runner", test.runner());
    ArrayNode examples = node.putArray("examples");
    test.examples().forEach(example -> examples.add(Json.tree(example)));
    return node;
  }

  @Override
  public String brief() {
    return result.view().root().digest().toString();
  }
}
