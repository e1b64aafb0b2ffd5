package dev.mlo.cli.project;

import dev.mlo.cli.project.Yaml.Entry;
import dev.mlo.cli.project.Yaml.Items;
import dev.mlo.cli.project.Yaml.Mapping;
import dev.mlo.cli.project.Yaml.Scalar;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Holds a document of the right structure against the world: files, other keys, this machine.
final class MeaningCheck {
  private static final Pattern PINNED = Pattern.compile(".+@sha256:[0-9a-f]{64}");

  private final Mapping root;
  private final ProjectFiles files;
  private final Violations violations;

  private MeaningCheck(Mapping root, Path directory, Violations violations) {
    this.root = root;
    this.files = new ProjectFiles(directory, violations);
    this.violations = violations;
  }

  /// @param root as [StructureCheck] left it
  /// @param directory the project's, absolute and real
  /// @param file whether the model's file must be there
  static void check(Mapping root, Path directory, Violations violations, boolean file) {
    var check = new MeaningCheck(root, directory, violations);
    if (file) {
      check.modelFile();
    }
    check.model();
    check.examples();
    check.provenance();
    check.serve();
    check.image();
    check.environments();
    check.ledger();
  }

  private void modelFile() {
    modelPath(root)
        .ifPresent(path ->
            files.fileOrDirectory(
                path, root.mapping("model").isPresent() ? "model.path" : "model"));
  }

  private void model() {
    root.mapping("model")
        .ifPresent(model -> {
          model.scalars("exclude").forEach(this::pattern);
          tensors(model, "inputs");
          tensors(model, "outputs");
        });
  }

  /// `model: FILE` is short for `model: {path: FILE}`.
  static Optional<Scalar> modelPath(Mapping root) {
    return root.mapping("model")
        .flatMap(model -> model.scalar("path"))
        .or(() -> root.scalar("model"));
  }

  private void pattern(Scalar pattern) {
    try {
      FileSystems.getDefault().getPathMatcher("glob:" + pattern.text());
    } catch (PatternSyntaxException e) {
      violations.add(
          pattern.at(),
          "`model.exclude`: `%s` is no glob pattern: %s"
              .formatted(pattern.text(), e.getDescription()));
    }
  }

  private void tensors(Mapping model, String key) {
    var seen = new HashSet<String>();
    for (Mapping tensor : model.mappings(key)) {
      tensor
          .scalar("name")
          .filter(name -> !seen.add(name.text()))
          .ifPresent(name ->
              violations.add(
                  name.at(), "`model.%s`: `%s` is there twice".formatted(key, name.text())));
      tensor
          .get("shape")
          .filter(shape -> shape instanceof Items list && list.items().size() > 32)
          .ifPresent(shape ->
              violations.add(
                  shape.at(), "`model.%s`: a shape has at most 32 lengths".formatted(key)));
    }
  }

  private void examples() {
    List<Mapping> examples = root.mappings("examples");
    for (int i = 0; i < examples.size(); i++) {
      file(examples.get(i), "request", "examples[" + i + "]");
      file(examples.get(i), "response", "examples[" + i + "]");
    }
  }

  private void file(Mapping in, String key, String path) {
    in.scalar(key).ifPresent(written -> files.file(written, path + "." + key));
  }

  private void provenance() {
    root.mapping("provenance")
        .ifPresent(provenance -> {
          List<Mapping> data = provenance.mappings("data");
          for (int i = 0; i < data.size(); i++) {
            file(data.get(i), "path", "provenance.data[" + i + "]");
          }
          provenance.scalar("metrics").ifPresent(this::metricsFile);
        });
  }

  private void metricsFile(Scalar written) {
    Path file = files.file(written, "provenance.metrics");
    if (file != null) {
      String fault = Metrics.fault(file);
      if (fault != null) {
        violations.add(
            written.at(), "`provenance.metrics`: `%s` %s".formatted(written.text(), fault));
      }
    }
  }

  private void serve() {
    root.mapping("serve")
        .ifPresent(serve -> {
          serve
              .scalar("timeout")
              .filter(text -> outside(Numbers.millis(text.text()), 1, 86_400_000))
              .ifPresent(text -> range(text, "serve.timeout", "1ms to 24h"));
          serve
              .scalar("max-request")
              .filter(text -> outside(Numbers.bytes(text.text()), 1024, 2L << 30))
              .ifPresent(text -> range(text, "serve.max-request", "1KiB to 2GiB"));
          serve
              .mapping("batching")
              .flatMap(batching -> batching.scalar("delay"))
              .filter(text -> outside(Numbers.millis(text.text()), 0, 1000))
              .ifPresent(text -> range(text, "serve.batching.delay", "0ms to 1s"));
        });
  }

  private static boolean outside(long value, long min, long max) {
    return value < min || value > max;
  }

  private void range(Scalar found, String key, String expected) {
    violations.add(
        found.at(), "`%s`: found `%s`, expected %s".formatted(key, found.text(), expected));
  }

  private void image() {
    root.mapping("image")
        .ifPresent(image -> {
          var before = new HashSet<String>();
          for (Scalar platform : image.scalars("platforms")) {
            if (!before.add(platform.text())) {
              violations.add(
                  platform.at(), "`image.platforms`: `%s` stands twice".formatted(platform.text()));
            }
          }
          image
              .scalar("runner")
              .filter(runner ->
                  !runner.text().equals("default") && !PINNED.matcher(runner.text()).matches())
              .ifPresent(runner ->
                  violations.add(
                      runner.at(),
                      "`image.runner`: found `%s`, expected `default` or REF@sha256:…"
                          .formatted(runner.text())));
        });
  }

  private void environments() {
    List<Entry> environments = environmentEntries();
    var before = new ArrayList<String>();
    Set<String> all = new HashSet<>(environments.stream().map(e -> e.key().text()).toList());
    for (Entry entry : environments) {
      String path = "environments." + entry.key().text();
      if (entry.value() instanceof Mapping environment) {
        environment
            .scalar("store")
            .ifPresent(store -> store(store, path + ".store", "a registry as a store"));
        environment.scalar("after").ifPresent(after -> after(after, path, before, all));
      }
      before.add(entry.key().text());
    }
    root.scalar("version")
        .filter(version -> all.isEmpty() ? isDefault(version.text()) : all.contains(version.text()))
        .ifPresent(version ->
            violations.add(
                version.at(),
                "`version`: `%s` is the name of an environment, whose tag moves"
                    .formatted(version.text())));
  }

  private List<Entry> environmentEntries() {
    Optional<Mapping> written = root.mapping("environments");
    written
        .filter(map -> map.entries().isEmpty() && violations.isEmpty())
        .ifPresent(map ->
            violations.add(map.at(), "`environments`: found none, expected at least one name"));
    return written.map(Mapping::entries).orElse(List.of());
  }

  private static boolean isDefault(String name) {
    return ProjectAssembly.DEFAULT_ENVIRONMENTS.contains(name);
  }

  private void after(Scalar after, String path, List<String> before, Set<String> all) {
    if (before.contains(after.text())) {
      return;
    }
    if (all.contains(after.text())) {
      violations.add(
          after.at(), "`%s.after`: `%s` is not written before it".formatted(path, after.text()));
    } else {
      violations.add(
          after.at(),
          "`%s.after`: there is no environment `%s`".formatted(path, after.text()),
          Spelling.nearest(after.text(), before));
    }
  }

  private void ledger() {
    root.scalar("ledger").ifPresent(ledger -> store(ledger, "ledger", "a remote ledger"));
    root.mapping("ledger")
        .flatMap(ledger -> ledger.scalar("git"))
        .ifPresent(git -> store(git, "ledger.git", "a remote ledger"));
  }

  private void store(Scalar written, String key, String elsewhere) {
    switch (Place.of(written.text())) {
      case DIRECTORY -> {}
      case REMOTE ->
          violations.add(
              written.at(),
              "`%s`: `%s`: %s is not supported yet, expected a directory"
                  .formatted(key, written.text(), elsewhere));
      case HOME ->
          violations.add(
              written.at(),
              "`%s`: found `%s`, expected a whole path: `~` is not replaced"
                  .formatted(key, written.text()));
    }
  }

  /// What a store or ledger names.
  private enum Place {
    DIRECTORY,
    REMOTE,
    HOME;

    static Place of(String text) {
      if (text.startsWith("~")) {
        return HOME;
      }
      if (text.startsWith("oci:") || text.startsWith("/") || text.startsWith(".")) {
        return DIRECTORY;
      }
      String first = text.split("/", 2)[0];
      boolean host = text.contains("/") && (first.contains(".") || first.equals("localhost"));
      return host || first.contains(":") || text.contains("://") ? REMOTE : DIRECTORY;
    }
  }
}
