package dev.mlo.cli.project;

import dev.mlo.cli.model.ModelDescription;
import dev.mlo.contract.TensorSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The manifest that `mlo init` writes, from `templates/FORMAT/mlops.yaml`.
final class Template {
  private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z]+)\\}\\}");

  private Template() {}

  static String fill(
      String name,
      String version,
      String path,
      ModelDescription model,
      List<ExamplePairs.Pair> examples)
      throws IOException {
    var values = new LinkedHashMap<String, String>();
    values.put("name", quoted(name));
    values.put("version", quoted(version));
    values.put("path", quoted(path));
    values.put("signature", signature(model));
    values.put("examples", examples(examples));
    return PLACE
        .matcher(load(model.format()))
        .replaceAll(found -> Matcher.quoteReplacement(String.valueOf(values.get(found.group(1)))));
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
  private static String signature(ModelDescription model) {
    var lines = new ArrayList<String>();
    lines.add("  # Read from the model; write it down only to narrow it.");
    lines.add("  # inputs:");
    model.signature().inputs().forEach(spec -> lines.add(line(spec)));
    lines.add("  # outputs:");
    model.signature().outputs().forEach(spec -> lines.add(line(spec)));
    model.notes().forEach(note -> lines.add("  # Note: " + oneLine(note)));
    return String.join("\n", lines);
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
    return plain ? text : "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }
}
