package dev.mlo.cli.project;

import dev.mlo.cli.project.Yaml.Entry;
import dev.mlo.cli.project.Yaml.Items;
import dev.mlo.cli.project.Yaml.Mapping;
import dev.mlo.cli.project.Yaml.Scalar;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A Kitfile of KitOps, manifest version 1.0.0, as
/// [kitops.org](https://kitops.org/docs/kitfile/format/) describes it and `pkg/artifact/kitfile.go`
/// of `kitops-ml/kitops` reads it. Paths are relative to the file. One model is packaged; code and
/// documents have no use in a runner that runs none and shows none.
final class Kitfile {
  private Kitfile() {}

  static void read(Mapping root, Carried carried) {
    for (Entry entry : root.entries()) {
      String key = entry.key().text();
      switch (key) {
        case "manifestVersion" -> version(entry.value(), carried);
        case "package" -> about(entry.value(), carried);
        case "model" -> model(entry.value(), carried);
        case "datasets" -> dataSets(entry.value(), carried);
        case "code" -> carried.leave("code", "the runner runs no code of a model's own");
        case "docs" -> carried.leave("docs", "an image holds what is served, and no documents");
        default -> carried.leave(key, "there is nothing like it in `mlops.yaml`");
      }
    }
    carried.advise(
        "mlo serves ONNX and PMML models",
        "export the model to model.onnx here, and run the command again");
  }

  private static void version(Yaml value, Carried carried) {
    String version = value instanceof Scalar scalar ? scalar.text() : value.named();
    if (!List.of("1.0.0", "1.0", "v1.0.0").contains(version)) {
      carried.leave(
          "manifestVersion",
          "mlo knows 1.0.0; what a later version adds is listed here as unknown");
    }
  }

  private static void about(Yaml value, Carried carried) {
    if (!(value instanceof Mapping about)) {
      return;
    }
    for (Entry entry : about.entries()) {
      String key = entry.key().text();
      if (key.equals("authors") && entry.value() instanceof Items) {
        about.scalars("authors").forEach(author -> carried.author(author.text()));
        carried.take("package.authors");
      } else {
        words("package.", key, entry.value(), carried);
      }
    }
  }

  private static void model(Yaml value, Carried carried) {
    if (!(value instanceof Mapping model)) {
      return;
    }
    for (Entry entry : model.entries()) {
      String key = entry.key().text();
      switch (key) {
        case "path" -> {
          if (entry.value() instanceof Scalar path) {
            carried.model("model.path", path.text());
          }
        }
        case "parameters" -> carried.parameters("model.parameters", entry.value());
        case "framework" -> {
          if (entry.value() instanceof Scalar framework) {
            carried.label("framework", "model.framework", framework.text());
          }
        }
        case "format" -> carried.leave("model.format", "the format is read from the model");
        case "parts" ->
            carried.leave("model.parts", "a model is one file, or one directory with all it needs");
        default -> words("model.", key, entry.value(), carried);
      }
    }
  }

  private static void words(String section, String key, Yaml value, Carried carried) {
    String theirs = section + key;
    if (!(value instanceof Scalar text) || text.type() == Yaml.ScalarType.NULL) {
      carried.leave(theirs, "there is nothing like it in `mlops.yaml`");
      return;
    }
    switch (key) {
      case "name" -> carried.name(theirs, text.text());
      case "version" -> carried.version(theirs, text.text());
      case "description" ->
          carried.take(Carried.DESCRIPTION, ManifestKeys.PROSE, theirs, text.text());
      case "license" -> carried.take(Carried.LICENSE, ManifestKeys.LINE, theirs, text.text());
      default -> carried.leave(theirs, "there is nothing like it in `mlops.yaml`");
    }
  }

  private static void dataSets(Yaml value, Carried carried) {
    if (!(value instanceof Items list)) {
      return;
    }
    for (int i = 0; i < list.items().size(); i++) {
      String theirs = "datasets[" + i + "]";
      if (list.items().get(i) instanceof Mapping set && set.text("path").isPresent()) {
        String path = set.text("path").orElseThrow();
        dataSet(theirs, set.text("name").orElse(path), path, carried);
      } else {
        carried.leave(theirs, "it names no file");
      }
    }
  }

  private static void dataSet(String theirs, String name, String path, Carried carried) {
    if (!ManifestKeys.PATH.takes(path) || !ManifestKeys.LINE.takes(name)) {
      carried.leave(theirs, "its path is not " + ManifestKeys.PATH.expected());
      return;
    }
    Path file = carried.beside(path);
    if (Files.isRegularFile(file)) {
      carried.dataSet(theirs, name, file);
    } else {
      carried.leave(theirs, "`%s` is no file here; `provenance.data` takes files".formatted(path));
    }
  }
}
