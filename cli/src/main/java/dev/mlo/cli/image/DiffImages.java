package dev.mlo.cli.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.attest.Evidence;
import dev.mlo.attest.Provenance;
import dev.mlo.cli.project.ImageView;
import dev.mlo.cli.project.Images;
import dev.mlo.contract.Labels;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.Signature;
import dev.mlo.contract.TensorSpec;
import dev.mlo.json.Json;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Holds two images against each other, wherever they lie: what differs, and why their digests do.
/// Only documents are read, no layer.
public final class DiffImages {
  /// Where two images may differ.
  public enum Section {
    IMAGE,
    LAYER,
    FILE,
    CARD,
    INPUT,
    OUTPUT,
    EXAMPLE,
    METRIC,
    PROVENANCE,
    CONFIG
  }

  /// One difference.
  ///
  /// @param what the file, the tensor, the metric
  /// @param a what the first image has; `null`: nothing
  /// @param b what the second image has; `null`: nothing
  public record Difference(Section section, String what, @Nullable String a, @Nullable String b) {}

  /// One of the two.
  ///
  /// @param display what the person called it
  public record Side(
      String display, ImageView view, ImageConfig config, Optional<Provenance> provenance) {}

  /// @param causes why the digests differ, the weightiest first; empty when they do not
  /// @param hindrances why a client of the first could not go on with the second
  /// @param shared layers that both have
  public record Result(
      Side a,
      Side b,
      boolean same,
      List<String> causes,
      List<Difference> differences,
      List<String> hindrances,
      List<Descriptor> shared) {
    public Result {
      causes = List.copyOf(causes);
      differences = List.copyOf(differences);
      hindrances = List.copyOf(hindrances);
      shared = List.copyOf(shared);
    }
  }

  private final Side a;
  private final Side b;
  private final List<Difference> differences = new ArrayList<>();
  private final List<String> causes = new ArrayList<>();

  private DiffImages(Side a, Side b) {
    this.a = a;
    this.b = b;
  }

  public static Result diff(Images images, String first, String second) throws IOException {
    return new DiffImages(side(images, first), side(images, second)).compare();
  }

  private static Side side(Images images, String name) throws IOException {
    try (Images.Located found = images.open(name)) {
      ImageView view = ImageView.read(found.source(), found.root());
      ImageConfig config = ImageConfig.parse(found.source().manifest(view.manifest().config()));
      return new Side(found.display(), view, config, provenance(found, view));
    }
  }

  private static Optional<Provenance> provenance(Images.Located found, ImageView view)
      throws IOException {
    Digest subject = view.image().digest();
    Optional<Evidence> statement =
        Evidence.newest(Evidence.of(found.source(), subject), Evidence.Kind.PROVENANCE);
    return statement.isEmpty()
        ? Optional.empty()
        : Optional.of(Provenance.parse(statement.get().document(found.source()), subject));
  }

  private Result compare() throws IOException {
    boolean same = a.view.root().digest().equals(b.view.root().digest());
    note(Section.IMAGE, "digest", root(a), root(b));
    note(Section.IMAGE, "kind", a.view.root().mediaType(), b.view.root().mediaType());
    note(Section.IMAGE, "platform", a.view.platform().toString(), b.view.platform().toString());
    files();
    card();
    below();
    layers();
    config();
    said();
    if (causes.isEmpty() && !digests(a.view).equals(digests(b.view))) {
      causes.add("their layers hold other bytes");
    }
    if (!same && causes.isEmpty()) {
      causes.add(
          a.view.image().digest().equals(b.view.image().digest())
              ? "the image is the same, but one name points at an index with more in it"
              : "the content is the same, but its manifest was written by another tool, or anew");
    }
    return new Result(a, b, same, same ? List.of() : causes, differences, hindrances(), shared());
  }

  private static String root(Side side) {
    return side.view.root().digest().toString();
  }

  /// Adds a difference where there is one.
  private boolean note(
      Section section, String what, @Nullable String left, @Nullable String right) {
    if (java.util.Objects.equals(left, right)) {
      return false;
    }
    return differences.add(new Difference(section, what, left, right));
  }

  /// The same over two lists of named values.
  ///
  /// @return the names that differ
  private List<String> note(Section section, Map<String, String> left, Map<String, String> right) {
    var names = new LinkedHashSet<>(left.keySet());
    names.addAll(right.keySet());
    return names.stream()
        .filter(name -> note(section, name, left.get(name), right.get(name)))
        .toList();
  }

  private void files() {
    var left = files(a.view.card());
    var right = files(b.view.card());
    for (String file : note(Section.FILE, left, right)) {
      if (left.containsKey(file) && right.containsKey(file)) {
        causes.add("the model file `" + file + "` has other bytes");
      } else {
        causes.add(
            "the model file `%s` is only in %s"
                .formatted(file, left.containsKey(file) ? "the first" : "the second"));
      }
    }
  }

  private static Map<String, String> files(@Nullable ModelCard card) {
    var files = new LinkedHashMap<String, String>();
    if (card != null) {
      card.files()
          .forEach(file ->
              files.put(file.path(), "%s, %d bytes".formatted(brief(file.digest()), file.size())));
    }
    return files;
  }

  private static String brief(String digest) {
    return Digest.isDigest(digest) ? Digest.parse(digest).brief() : digest;
  }

  private void card() {
    List<String> signature =
        java.util.stream.Stream.concat(
                note(Section.INPUT, tensors(a, true), tensors(b, true)).stream(),
                note(Section.OUTPUT, tensors(a, false), tensors(b, false)).stream())
            .toList();
    if (!signature.isEmpty()) {
      causes.add("the signature differs: " + String.join(", ", signature));
    }
    List<String> card = note(Section.CARD, fields(a.view.card()), fields(b.view.card()));
    List<String> examples = note(Section.EXAMPLE, examples(a), examples(b));
    List<String> metrics = note(Section.METRIC, metrics(a), metrics(b));
    List<String> data = note(Section.PROVENANCE, data(a), data(b));
    if (!card.isEmpty()) {
      causes.add("the card differs: " + String.join(", ", card));
    }
    if (!examples.isEmpty()) {
      causes.add("the golden examples differ");
    }
    if (!metrics.isEmpty()) {
      causes.add("the metrics differ: " + String.join(", ", metrics));
    }
    if (!data.isEmpty()) {
      causes.add("the provenance in the manifest differs: " + String.join(", ", data));
    }
  }

  private static Map<String, String> tensors(Side side, boolean inputs) {
    @Nullable ModelCard card = side.view.card();
    List<TensorSpec> specs =
        card == null ? List.of() : inputs ? card.signature().inputs() : card.signature().outputs();
    return specs.stream()
        .collect(
            Collectors.toMap(
                TensorSpec::name,
                spec -> spec.datatype().toString() + spec.shape(),
                (one, _) -> one,
                LinkedHashMap::new));
  }

  private static Map<String, String> fields(@Nullable ModelCard card) {
    var fields = new LinkedHashMap<String, String>();
    if (card == null) {
      return fields;
    }
    fields.put("name", card.name());
    fields.put("version", card.version());
    fields.put("format", card.format());
    fields.put("entry", card.entry());
    put(fields, "description", card.description());
    put(fields, "license", card.license());
    put(fields, "authors", String.join(", ", card.authors()));
    card.labels().forEach((key, value) -> fields.put("label " + key, value));
    put(fields, "parameters", card.parameters() == null ? null : card.parameters().toString());
    Json.tree(card.serve())
        .properties()
        .forEach(setting -> fields.put("serve " + setting.getKey(), setting.getValue().asText()));
    return fields;
  }

  private static void put(Map<String, String> fields, String name, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      fields.put(name, value);
    }
  }

  private static Map<String, String> examples(Side side) {
    var examples = new LinkedHashMap<String, String>();
    @Nullable ModelCard card = side.view.card();
    if (card != null) {
      for (int i = 0; i < card.examples().size(); i++) {
        ModelCard.Example example = card.examples().get(i);
        examples.put(
            String.valueOf(i + 1),
            "%s → %s within %s"
                .formatted(
                    brief(example.requestDigest()),
                    brief(example.responseDigest()),
                    example.tolerance()));
      }
    }
    return examples;
  }

  private static JsonNode provenance(Side side) {
    @Nullable ModelCard card = side.view.card();
    return card == null || card.provenance() == null ? Json.object() : card.provenance();
  }

  private static Map<String, String> metrics(Side side) {
    var metrics = new LinkedHashMap<String, String>();
    provenance(side)
        .path("metrics")
        .properties()
        .forEach(metric -> metrics.put(metric.getKey(), metric.getValue().asText()));
    return metrics;
  }

  /// Data sets and training.
  private static Map<String, String> data(Side side) {
    var said = new LinkedHashMap<String, String>();
    for (JsonNode set : provenance(side).path("data")) {
      said.put("data " + set.path("name").asText(), brief(set.path("digest").asText()));
    }
    provenance(side)
        .path("training")
        .properties()
        .forEach(field -> said.put("training " + field.getKey(), field.getValue().asText()));
    return said;
  }

  /// What the model stands on.
  private void below() {
    if (note(
        Section.IMAGE, "runner", label(a, Labels.RUNNER_DIGEST), label(b, Labels.RUNNER_DIGEST))) {
      note(Section.IMAGE, "mlo", label(a, Labels.RUNNER_VERSION), label(b, Labels.RUNNER_VERSION));
      causes.add("they stand on different runner images");
    }
    if (note(Section.IMAGE, "engine", role(a, Labels.ROLE_BACKEND), role(b, Labels.ROLE_BACKEND))) {
      causes.add("they have different engines");
    }
    if (!a.view.platform().equals(b.view.platform())) {
      causes.add(
          "they are for different platforms, %s and %s"
              .formatted(a.view.platform(), b.view.platform()));
    }
  }

  private static @Nullable String label(Side side, String name) {
    return side.view.labels().get(name);
  }

  private static @Nullable String role(Side side, String role) {
    return side.view.layers().stream()
        .filter(layer -> layer.role().equals(role))
        .map(layer -> layer.descriptor().digest().toString())
        .findFirst()
        .orElse(null);
  }

  private void layers() throws IOException {
    Set<Digest> left = digests(a.view);
    Set<Digest> right = digests(b.view);
    only(a, right, true);
    only(b, left, false);
    if (!left.equals(right) && a.config.diffIds().equals(b.config.diffIds())) {
      causes.add("their layers hold the same, but are compressed differently");
    }
  }

  private static Set<Digest> digests(ImageView view) {
    return view.layers().stream()
        .map(layer -> layer.descriptor().digest())
        .collect(Collectors.toCollection(HashSet::new));
  }

  private void only(Side side, Set<Digest> other, boolean first) {
    for (ImageView.Layer layer : side.view.layers()) {
      if (!other.contains(layer.descriptor().digest())) {
        String found =
            "%s, %d bytes"
                .formatted(layer.descriptor().digest().brief(), layer.descriptor().size());
        note(
            Section.LAYER,
            layer.role().isEmpty() ? "-" : layer.role(),
            first ? found : null,
            first ? null : found);
      }
    }
  }

  private void config() throws IOException {
    if (note(Section.CONFIG, "created", a.config.created(), b.config.created())) {
      causes.add("`created` differs: set SOURCE_DATE_EPOCH alike, or not at all");
    }
    boolean run = note(Section.CONFIG, "user", a.config.user(), b.config.user());
    run |=
        note(
            Section.CONFIG,
            "entrypoint",
            String.join(" ", a.config.entrypoint()),
            String.join(" ", b.config.entrypoint()));
    run |=
        note(
            Section.CONFIG,
            "environment",
            String.join(" ", a.config.environment()),
            String.join(" ", b.config.environment()));
    if (run) {
      causes.add("they are started differently: user, entrypoint or environment");
    }
    if (note(
        Section.CONFIG, "manifest", a.view.manifest().mediaType(), b.view.manifest().mediaType())) {
      causes.add("one manifest is in Docker's format, the other in OCI's");
    }
    List<String> annotations =
        note(
            Section.CONFIG,
            prefixed(a.view.manifest().annotations()),
            prefixed(b.view.manifest().annotations()));
    if (!annotations.isEmpty() && causes.isEmpty()) {
      causes.add("the annotations differ: " + String.join(", ", annotations));
    }
    List<String> labels = note(Section.CONFIG, labels(a.view.labels()), labels(b.view.labels()));
    if (!labels.isEmpty() && causes.isEmpty()) {
      causes.add("the labels of the configuration differ: " + String.join(", ", labels));
    }
  }

  private static Map<String, String> prefixed(Map<String, String> annotations) {
    var named = new LinkedHashMap<String, String>();
    annotations.forEach((key, value) -> named.put("annotation " + key, value));
    return named;
  }

  /// Without those that were compared by what they mean.
  private static Map<String, String> labels(Map<String, String> labels) {
    var named = new LinkedHashMap<String, String>();
    labels.forEach((key, value) -> {
      if (!Set.of(Labels.CARD, Labels.RUNNER_DIGEST, Labels.RUNNER_VERSION).contains(key)) {
        named.put("label " + key, value);
      }
    });
    return named;
  }

  /// What was attached is no part of the digest.
  private void said() {
    note(
        Section.PROVENANCE,
        "commit",
        a.provenance.map(DiffImages::commit).orElse(null),
        b.provenance.map(DiffImages::commit).orElse(null));
  }

  private static @Nullable String commit(Provenance provenance) {
    return provenance.commit() == null
        ? null
        : provenance.commit() + (provenance.dirty() ? " with changes" : "");
  }

  private List<String> hindrances() {
    @Nullable ModelCard left = a.view.card();
    @Nullable ModelCard right = b.view.card();
    if (left == null || right == null) {
      return List.of();
    }
    Signature before = left.signature();
    return before.hindrances(right.signature());
  }

  private List<Descriptor> shared() {
    Set<Digest> right = digests(b.view);
    return a.view.layers().stream()
        .map(ImageView.Layer::descriptor)
        .filter(layer -> right.contains(layer.digest()))
        .toList();
  }
}
