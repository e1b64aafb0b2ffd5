package dev.mlo.cli.image;

import dev.mlo.attest.Provenance;
import dev.mlo.cli.image.DiffImages.Difference;
import dev.mlo.cli.image.DiffImages.Result;
import dev.mlo.cli.image.DiffImages.Section;
import dev.mlo.cli.image.DiffImages.Side;
import dev.mlo.cli.project.ImageView;
import dev.mlo.contract.Labels;
import dev.mlo.contract.ModelCard;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Collects what differs between two images, and of it the reasons for their digests, the
/// weightiest first.
final class Comparison {
  private final Side a;
  private final Side b;
  private final List<Difference> differences = new ArrayList<>();
  private final List<String> causes = new ArrayList<>();

  Comparison(Side a, Side b) {
    this.a = a;
    this.b = b;
  }

  Result run() throws IOException {
    boolean same = a.view().root().digest().equals(b.view().root().digest());
    note(Section.IMAGE, "digest", root(a), root(b));
    note(Section.IMAGE, "kind", a.view().root().mediaType(), b.view().root().mediaType());
    note(Section.IMAGE, "platform", a.view().platform().toString(), b.view().platform().toString());
    files();
    card();
    below();
    layers();
    config();
    said();
    if (causes.isEmpty() && !digests(a.view()).equals(digests(b.view()))) {
      causes.add("their layers hold other bytes");
    }
    if (!same && causes.isEmpty()) {
      causes.add(
          a.view().image().digest().equals(b.view().image().digest())
              ? "the image is the same, but one name points at an index with more in it"
              : "the content is the same, but its manifest was written by another tool, or anew");
    }
    return new Result(a, b, same, same ? List.of() : causes, differences, hindrances(), shared());
  }

  private static String root(Side side) {
    return side.view().root().digest().toString();
  }

  /// Adds a difference where there is one.
  private boolean note(
      Section section, String what, @Nullable String left, @Nullable String right) {
    if (Objects.equals(left, right)) {
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
    Map<String, String> left = a.facts().files();
    Map<String, String> right = b.facts().files();
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

  private void card() {
    List<String> signature =
        Stream.concat(
                note(Section.INPUT, a.facts().tensors(true), b.facts().tensors(true)).stream(),
                note(Section.OUTPUT, a.facts().tensors(false), b.facts().tensors(false)).stream())
            .toList();
    if (!signature.isEmpty()) {
      causes.add("the signature differs: " + String.join(", ", signature));
    }
    List<String> card = note(Section.CARD, a.facts().fields(), b.facts().fields());
    List<String> examples = note(Section.EXAMPLE, a.facts().examples(), b.facts().examples());
    List<String> metrics = note(Section.METRIC, a.facts().metrics(), b.facts().metrics());
    List<String> data = note(Section.PROVENANCE, a.facts().data(), b.facts().data());
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

  /// What the model stands on.
  private void below() throws IOException {
    if (note(
        Section.IMAGE, "runner", label(a, Labels.RUNNER_DIGEST), label(b, Labels.RUNNER_DIGEST))) {
      note(Section.IMAGE, "mlo", label(a, Labels.RUNNER_VERSION), label(b, Labels.RUNNER_VERSION));
      causes.add("they stand on different runner images");
    }
    if (note(Section.IMAGE, "engine", engine(a), engine(b))) {
      causes.add("they have different engines");
    }
    if (!a.view().platform().equals(b.view().platform())) {
      causes.add(
          "they are for different platforms, %s and %s"
              .formatted(a.view().platform(), b.view().platform()));
    }
  }

  private static @Nullable String label(Side side, String name) {
    return side.view().labels().get(name);
  }

  /// By what it holds: compressed otherwise, it is still the same one.
  private static @Nullable String engine(Side side) throws IOException {
    List<ImageView.Layer> layers = side.view().layers();
    List<Digest> contents = side.config().diffIds();
    for (int i = 0; i < Math.min(layers.size(), contents.size()); i++) {
      if (layers.get(i).role().equals(Labels.ROLE_BACKEND)) {
        return contents.get(i).toString();
      }
    }
    return null;
  }

  private void layers() throws IOException {
    Set<Digest> left = digests(a.view());
    Set<Digest> right = digests(b.view());
    only(a, right, true);
    only(b, left, false);
    if (!left.equals(right) && a.config().diffIds().equals(b.config().diffIds())) {
      causes.add("their layers hold the same, but are compressed differently");
    }
  }

  private static Set<Digest> digests(ImageView view) {
    return view.layers().stream()
        .map(layer -> layer.descriptor().digest())
        .collect(Collectors.toCollection(HashSet::new));
  }

  private void only(Side side, Set<Digest> other, boolean first) {
    for (ImageView.Layer layer : side.view().layers()) {
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
    if (note(Section.CONFIG, "created", a.config().created(), b.config().created())) {
      causes.add("`created` differs: set SOURCE_DATE_EPOCH alike, or not at all");
    }
    boolean run = note(Section.CONFIG, "user", a.config().user(), b.config().user());
    run |=
        note(
            Section.CONFIG,
            "entrypoint",
            String.join(" ", a.config().entrypoint()),
            String.join(" ", b.config().entrypoint()));
    run |=
        note(
            Section.CONFIG,
            "environment",
            String.join(" ", a.config().environment()),
            String.join(" ", b.config().environment()));
    if (run) {
      causes.add("they are started differently: user, entrypoint or environment");
    }
    if (note(
        Section.CONFIG,
        "manifest",
        a.view().manifest().mediaType(),
        b.view().manifest().mediaType())) {
      causes.add("one manifest is in Docker's format, the other in OCI's");
    }
    List<String> annotations =
        note(
            Section.CONFIG,
            prefixed(a.view().manifest().annotations()),
            prefixed(b.view().manifest().annotations()));
    if (!annotations.isEmpty() && causes.isEmpty()) {
      causes.add("the annotations differ: " + String.join(", ", annotations));
    }
    List<String> labels =
        note(Section.CONFIG, labels(a.view().labels()), labels(b.view().labels()));
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
        a.provenance().map(Comparison::commit).orElse(null),
        b.provenance().map(Comparison::commit).orElse(null));
  }

  private static @Nullable String commit(Provenance provenance) {
    return provenance.commit() == null
        ? null
        : provenance.commit() + (provenance.dirty() ? " with changes" : "");
  }

  private List<String> hindrances() {
    @Nullable ModelCard left = a.view().card();
    @Nullable ModelCard right = b.view().card();
    if (left == null || right == null) {
      return List.of();
    }
    return left.signature().hindrances(right.signature());
  }

  private List<Descriptor> shared() {
    Set<Digest> right = digests(b.view());
    return a.view().layers().stream()
        .map(ImageView.Layer::descriptor)
        .filter(layer -> right.contains(layer.digest()))
        .toList();
  }
}
