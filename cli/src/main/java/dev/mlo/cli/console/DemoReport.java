package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.demo.DemoResult;
import dev.mlo.json.Json;
import java.util.Locale;

/// The counts of the demo.
public record DemoReport(DemoResult result) implements Report {
  @Override
  public void text(Page page) {
    page.line("");
    page.line(
        String.format(
            Locale.ROOT,
            "%,d requests, %d failed, %d wrong; %,.0f a second",
            result.requests(),
            result.failed(),
            result.wrong(),
            result.requestsPerSecond()));
    page.line(
        "%d swaps, %d model refused, %d rollback"
            .formatted(result.swaps(), result.refused(), result.rollbacks()));
    page.line(
        String.format(
            Locale.ROOT,
            "latency p50 %.2f ms, p99 %.2f ms; during swaps p50 %.2f ms, p99 %.2f ms; flip %.4f ms",
            result.before().p50(),
            result.before().p99(),
            result.swapping().p50(),
            result.swapping().p99(),
            result.flips().p50()));
    result.digests().forEach((name, digest) -> page.line("%-5s %s".formatted(name, digest)));
    result.trouble().forEach(line -> page.line(page.style().bad("off: ") + line));
    if (result.good()) {
      page.line(
          page.style().good("all is well")
              + String.format(Locale.ROOT, " after %.1f s", result.seconds()));
    }
    page.next(result.kept() == null ? "mlo init" : "cd " + result.kept());
  }

  @Override
  public ObjectNode json() {
    ObjectNode node =
        Json.object()
            .put("requests", result.requests())
            .put("failed", result.failed())
            .put("wrong", result.wrong())
            .put("swaps", result.swaps())
            .put("refused", result.refused())
            .put("rollbacks", result.rollbacks());
    ObjectNode digests = node.putObject("digest");
    result.digests().forEach(digests::put);
    node.put("requestsPerSecond", round(result.requestsPerSecond()));
    ObjectNode latency = node.putObject("latencyMs");
    latency.set("before", percentiles(result.before()));
    latency.set("duringSwaps", percentiles(result.swapping()));
    node.set("flipMs", percentiles(result.flips()));
    node.put("rollbackMs", round(result.rollbackMillis()));
    node.put("seconds", round(result.seconds()));
    ArrayNode trouble = node.putArray("trouble");
    result.trouble().forEach(trouble::add);
    if (result.kept() != null) {
      node.put("project", result.kept().toString());
    }
    return node;
  }

  private static ObjectNode percentiles(DemoResult.Percentiles times) {
    return Json.object()
        .put("p50", round(times.p50()))
        .put("p99", round(times.p99()))
        .put("max", round(times.max()));
  }

  private static double round(double value) {
    return Math.round(value * 10_000) / 10_000.0;
  }

  @Override
  public String brief() {
    return result.good() ? "ok" : "off";
  }
}
