package dev.mlo.cli.project;

import dev.mlo.cli.project.Kind.Either;
import dev.mlo.cli.project.Kind.ListOf;
import dev.mlo.cli.project.Kind.MapOf;
import dev.mlo.cli.project.Kind.Section;
import java.util.ArrayList;
import java.util.List;

/// The reference page of the manifest, `docs/manifest.md`: made of the keys the parser follows.
public final class ManifestReference {
  private static final String HEAD =
      """
      # `mlops.yaml`

      What `mlo` packages, and through which environments it goes. The smallest manifest is a name and
      a model:

      ```yaml
      name: iris
      model: model.onnx
      ```

      `mlo init` writes one for the model it finds, `mlo validate` checks it, and `mlo schema` prints a
      JSON Schema that editors use for completion. Every mistake is reported at once, with its line and
      column; a key that is not listed here is a mistake.

      - The file is UTF-8, at most 1 MiB, one YAML document. Anchors, aliases and tags are not taken.
      - YAML 1.2 decides what is a number: `1.10` is one, so a version like that needs quotes; `yes` is text.
      - Paths are relative to the manifest. They stay inside the project, also when links are followed.
      - `image`, `environments` and `ledger` say where and how; they do not change the image's digest.

      This page is generated from the keys that the parser follows.
      """;

  private static final String TAIL =
      """

      ## Environments

      Without `environments`, a version goes through `dev`, `test` and `prod`, which are OCI layouts below
      `.mlo/envs`. Every promotion checks the image's bytes and that the version was in the environment
      before; from the second environment on it also asks for a passing `mlo test` of the same digest.
      `gates: {tests: off}` lifts the last one.

      ## `.mloignore`

      A file of this name beside the manifest says which files of the project no model takes along, in
      the syntax of git's ignore files: `#` starts a comment, `!` takes back in, `/` at the start ties a
      pattern to the project's directory, `/` at the end stands for folders only, `**` for any number of
      folders. The last pattern that matches decides; nothing below a folder that is left out can be
      taken back in.

      ```gitignore
      # checkpoints of every run but the last
      checkpoints/*
      !checkpoints/last
      **/*.tmp
      ```

      It adds to `model.exclude` and concerns the model's files only, not examples or data. A model that
      is left out itself, or that refers to a file that is (external data), is refused. The digest
      changes when the packaged files do, not when the patterns do. At most 64 KiB, 1,000 patterns of 500
      characters, three `*` in one name, and three in at most 20 patterns. `mlo validate` lists what is left out.

      Names that begin with a dot, `__pycache__`, `Thumbs.db` and `desktop.ini` are left out of every model's
      directory, whatever the patterns say.

      ## What of a model is served

      Inputs, outputs and datatypes are read from the model file. Tensors of the inference protocol's
      datatypes can be served; a model with another input or output is refused by name. One thing is
      converted: an output that is a list of maps from label to number, with which classic classifiers
      end (`ZipMap`), is served as an `FP32` tensor `[-1, labels]`, one column for each label in
      ascending order.

      An input or output of which the model does not say how many dimensions it has is taken as `[-1]`,
      unless `model.inputs` or `model.outputs` says otherwise.
      """;

  private final StringBuilder page = new StringBuilder(HEAD);

  private ManifestReference() {}

  /// The whole page, in Markdown.
  public static String markdown() {
    var reference = new ManifestReference();
    reference.section("", "Top level", ManifestKeys.ROOT);
    return reference.page.append(TAIL).toString();
  }

  private void section(String path, String title, Section section) {
    page.append("\n## ").append(title).append("\n\n");
    page.append("| key | takes | default | |\n|---|---|---|---|\n");
    for (Key key : section.keys()) {
      page.append(
          "| `%s%s` | %s | %s | %s |\n"
              .formatted(
                  path,
                  key.name(),
                  key.later() ? "*not supported yet*" : cell(takes(key.kind())),
                  key.required() ? "*required*" : cell(key.absent()),
                  cell(key.description())));
    }
    for (Key key : section.keys()) {
      for (Inner inner : inner(path + key.name(), key.kind())) {
        section(inner.path() + ".", "`" + inner.path() + "`", inner.section());
      }
    }
  }

  private record Inner(String path, Section section) {}

  /// The sections inside a value: of a list `key[]`, of a map `key.NAME`.
  private static List<Inner> inner(String path, Kind kind) {
    var found = new ArrayList<Inner>();
    switch (kind) {
      case Section section -> found.add(new Inner(path, section));
      case ListOf list -> found.addAll(inner(path + "[]", list.item()));
      case MapOf map -> found.addAll(inner(path + ".NAME", map.value()));
      case Either either -> {
        found.addAll(inner(path, either.simple()));
        found.addAll(inner(path, either.full()));
      }
      case Kind.Text _, Kind.Choice _, Kind.Whole _, Kind.Real _, Kind.Free _ -> {}
    }
    return found;
  }

  private static String takes(Kind kind) {
    return switch (kind) {
      case Section _ -> "keys and values, see below";
      case Either either -> takes(either.simple()) + ", or " + takes(either.full());
      case ListOf list ->
          list.item() instanceof Section
              ? list.expected() + ", see below"
              : list.expected() + ", each " + takes(list.item());
      case MapOf map -> map.expected();
      case Kind.Text _, Kind.Choice _, Kind.Whole _, Kind.Real _, Kind.Free _ -> kind.expected();
    };
  }

  private static String cell(String text) {
    return text.replace("|", "\\|");
  }
}
