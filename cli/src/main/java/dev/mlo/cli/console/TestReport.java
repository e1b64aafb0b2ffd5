package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.attest.TestResult;
import dev.mlo.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What an image answered to its examples.
///
/// @param golden whether the image has golden examples; else it was asked with zeros
/// @param kept whether the result lies beside the image now
public record TestReport(String image, TestResult result, boolean golden, boolean kept)
    implements Report {
  @Override
  public void text(Page page) {
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("EXAMPLE", "RESULT", "TIME"));
    for (TestResult.Example example : result.examples()) {
      rows.add(
          List.of(
              example.name(),
              example.passed() ? page.style().good("passed") : page.style().bad("FAILED"),
              String.format(Locale.ROOT, "%.1f ms", example.millis())));
    }
    page.table(rows);
    for (TestResult.Example example : result.examples()) {
      example.differences().forEach(line -> page.line("  " + example.name() + ": " + line));
    }
    long failed = result.examples().stream().filter(e -> !e.passed()).count();
    page.line("");
    page.line(
        failed == 0
            ? (golden ? "%s answers its %d examples" : "%s answers")
                .formatted(image, result.examples().size())
            : "%s fails %d of %d examples".formatted(image, failed, result.examples().size()));
    if (!golden) {
      page.line(
          "it has no golden examples: it was asked with zeros, which shows that it loads and");
      page.line("answers, not that it answers rightly; add `examples:` to mlops.yaml for that");
    }
    page.line(
        kept
            ? "kept with " + result.subject()
            : "not kept: " + image + " lies where nothing can be added");
    if (failed == 0) {
      page.next("mlo promote --to dev");
    }
  }

  @Override
  public ObjectNode json() {
    ObjectNode node =
        Json.object()
            .put("image", image)
            .put("digest", result.subject().toString())
            .put("passed", result.passed())
            .put("testedAt", result.testedAt())
            .put("runner", result.runner())
            .put("golden", golden)
            .put("kept", kept);
    ArrayNode examples = node.putArray("examples");
    result.examples().forEach(example -> examples.add(Json.tree(example)));
    return node;
  }

  @Override
  public String brief() {
    return result.passed() ? "passed" : "failed";
  }
}
