package dev.mlo.cli.project;

import dev.mlo.cli.model.ModelDescription;
import dev.mlo.contract.TensorSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The manifest that `mlo init` writes, from `templates/FORMAT/mlops.yaml`.
final class Template {
  private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z]+)\\}\\}");

  private Template() {}

  /// @param version as text
  /// @param inputs what the manifest is to narrow the model's inputs to; empty: nothing
  record Content(
      String name,
      String version,
      String path,
      ModelDescription model,
      List<TensorSpec> inputs,
      List<TensorSpec> outputs,
      List<ExamplePairs.Pair> examples,
      Path directory,
      Carried carried) {}

  static String fill(Content content) throws IOException {
    Carried carried = content.carried();
    var values = new LinkedHashMap<String, String>();
    values.put("name", quoted(content.name()));
    values.put("version", quoted(content.version()));
    values.put("description", about(carried));
    values.put("path", quoted(content.path()));
    values.put("signature", signature(content) + parameters(carried));
    values.put("examples", examples(content.examples()));
    values.put("provenance", provenance(content.directory(), carried));
    values.put("serve", serve(carried));
    values.put("image", image(carried));
    return PLACE
        .matcher(load(content.model().format()))
        .replaceAll(found -> Matcher.quoteReplacement(String.valueOf(values.get(found.group(1)))));
  }

  private static String about(Carried carried) {
    var lines = new ArrayList<String>();
    lines.add(
        carried
            .text(Carried.DESCRIPTION)
            .map(text -> "description: " + quoted(text))
            .orElse("# description: What the model does, in a sentence"));
    lines.add(
        carried
            .text(Carried.LICENSE)
            .map(text -> "license: " + quoted(text))
            .orElse("# license: Apache-2.0"));
    lines.add(
        carried.authors().isEmpty()
            ? "# authors: [team@example.com]"
            : "authors: [%s]"
                .formatted(
                    String.join(", ", carried.authors().stream().map(Template::quoted).toList())));
    if (!carried.labels().isEmpty()) {
      var labels = new ArrayList<String>();
      carried.labels().forEach((key, text) -> labels.add(quoted(key) + ": " + quoted(text)));
      lines.add("labels: {%s}".formatted(String.join(", ", labels)));
    }
    return String.join("\n", lines);
  }

  private static String parameters(Carried carried) {
    return carried.parameters().map(flow -> "\n  parameters: " + flow).orElse("");
  }

  private static String provenance(Path directory, Carried carried) {
    if (carried.data().isEmpty() && carried.text(Carried.RUN).isEmpty()) {
      return """
      # provenance:
      #   data: [{name: training, path: data/train.csv}]
      #   metrics: {accuracy: 0.95}
      #   training: {command: "python train.py"}\
      """;
    }
    var lines = new ArrayList<String>();
    lines.add("provenance:");
    if (!carried.data().isEmpty()) {
      lines.add("  data:");
      for (Carried.DataSet set : carried.data()) {
        lines.add(
            "    - {name: %s, path: %s}"
                .formatted(quoted(set.name()), quoted(NewProject.slashes(directory, set.path()))));
      }
    }
    carried
        .text(Carried.RUN)
        .ifPresent(run -> lines.add("  training: {run: %s}".formatted(quoted(run))));
    return String.join("\n", lines);
  }

  private static String serve(Carried carried) {
    return carried
        .text(Carried.WORKERS)
        .map("# How it is served.\nserve: {workers: %s}"::formatted)
        .orElse(
            """
            # How it is served; these are the defaults.
            # serve: {workers: auto, queue: 256, timeout: 10s, max-request: 64MiB}\
            """);
  }

  private static String image(Carried carried) {
    return carried
        .text(Carried.REPOSITORY)
        .map(repository ->
            "\n# Where `mlo push` sends to.\nimage: {repository: %s}\n"
                .formatted(quoted(repository)))
        .orElse("");
  }

  private static String load(String format) throws IOException {
    String resource = "/dev/mlo/cli/templates/" + format + "/mlops.yaml";
    try (InputStream in = Template.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("the template " + resource + " is not in the jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /// As comments: the model itself says it, and says it anew after the next training.
  private static String signature(Content content) {
    ModelDescription model = content.model();
    var lines = new ArrayList<String>();
    if (!content.inputs().isEmpty() || !content.outputs().isEmpty()) {
      declared(lines, "  inputs:", content.inputs());
      declared(lines, "  outputs:", content.outputs());
      model.notes().forEach(note -> lines.add("  # Note: " + oneLine(note)));
      return String.join("\n", lines);
    }
    lines.add("  # Read from the model; write it down only to narrow it.");
    lines.add("  # inputs:");
    model.signature().inputs().forEach(spec -> lines.add(line(spec)));
    lines.add("  # outputs:");
    model.signature().outputs().forEach(spec -> lines.add(line(spec)));
    model.notes().forEach(note -> lines.add("  # Note: " + oneLine(note)));
    return String.join("\n", lines);
  }

  private static void declared(List<String> lines, String title, List<TensorSpec> specs) {
    if (!specs.isEmpty()) {
      lines.add(title);
      specs.forEach(spec -> lines.add(line(spec).replaceFirst("^  #  ", "   ")));
    }
  }

  private static String line(TensorSpec spec) {
    return "  #   - {name: %s, datatype: %s, shape: %s}"
        .formatted(
            quoted(oneLine(spec.name())),
            spec.datatype(),
            spec.shape().toString().replace(",", ", "));
  }

  private static String examples(List<ExamplePairs.Pair> pairs) {
    if (pairs.isEmpty()) {
      return """
      # examples:
      #   - {request: examples/one.json, response: examples/one.expected.json, tolerance: 1e-5}\
      """;
    }
    var lines = new ArrayList<String>();
    lines.add("examples:");
    for (ExamplePairs.Pair pair : pairs) {
      lines.add(
          "  - {request: %s, response: %s}"
              .formatted(quoted(pair.request()), quoted(pair.response())));
    }
    return String.join("\n", lines);
  }

  private static String oneLine(String text) {
    return text.replaceAll("[\\p{Cntrl}\\u2028\\u2029]", "�");
  }

  /// Quoted only where YAML would read something else.
  static String quoted(String text) {
    boolean plain =
        text.matches("[A-Za-z0-9_./][A-Za-z0-9_./-]*")
            && Yaml.ScalarType.of(text) == Yaml.ScalarType.TEXT;
    if (plain) {
      return text;
    }
    var quoted = new StringBuilder("\"");
    text.codePoints()
        .forEach(character -> {
          if (character == '"' || character == '\\') {
            quoted.append('\\').appendCodePoint(character);
          } else if (isUnprintable(character)) {
            quoted.append(String.format(Locale.ROOT, "\\U%08x", character));
          } else {
            quoted.appendCodePoint(character);
          }
        });
    return quoted.append('"').toString();
  }

  /// Controls, halves of characters and what no standard names: YAML's reader takes none of them.
  private static boolean isUnprintable(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.UNASSIGNED,
          Character.PRIVATE_USE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          true;
      default -> false;
    };
  }

  /// A value on one line, as it is written: numbers keep their digits.
  static String flow(Yaml value) {
    return switch (value) {
      case Yaml.Scalar scalar ->
          scalar.type() == Yaml.ScalarType.TEXT
              ? quoted(scalar.text())
              : scalar.text().isEmpty() ? "null" : scalar.text();
      case Yaml.Items list ->
          "[" + String.join(", ", list.items().stream().map(Template::flow).toList()) + "]";
      case Yaml.Mapping map ->
          map.entries().stream()
              .map(entry -> quoted(entry.key().text()) + ": " + flow(entry.value()))
              .collect(Collectors.joining(", ", "{", "}"));
    };
  }
}
