package dev.mlo.runner.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.contract.Serving;
import dev.mlo.contract.SwapReport;
import dev.mlo.json.Json;
import dev.mlo.runner.infer.Code;
import dev.mlo.runner.infer.Metrics;
import dev.mlo.runner.infer.Recent;
import dev.mlo.runner.slot.HistoryEntry;
import dev.mlo.runner.slot.Role;
import dev.mlo.runner.slot.Slot;
import dev.mlo.runner.slot.Swaps;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What changes while somebody looks at the page: who serves, how much is asked, what was swapped
/// in. Everybody who may infer may see it, so it says less than the admin port: no free text of
/// operators, no message with a path in it, no host.
final class PageState {
  private static final int SWAPS = 20;

  private final Slot slot;
  private final Swaps swaps;
  private final Metrics metrics;
  private final String started = Instant.now().toString();

  PageState(Slot slot, Swaps swaps, Metrics metrics) {
    this.slot = slot;
    this.swaps = swaps;
    this.metrics = metrics;
  }

  ObjectNode now() {
    ObjectNode answer = Json.object().put("schemaVersion", 1).put("state", state());
    answer.put("now", Instant.now().toString()).put("started", started);
    answer.put("generation", slot.generation());
    for (Role role : Role.values()) {
      answer.set(lower(role), version(slot.serving(role)));
    }
    SwapReport live = swaps.latest().filter(report -> !report.state().isTerminal()).orElse(null);
    if (live != null) {
      answer.set("swap", told(live));
    }
    answer.put("requests", metrics.answered());
    answer.set("minute", minute());
    answer.set("swaps", history());
    return answer;
  }

  private String state() {
    if (slot.serving(Role.ACTIVE) == null) {
      return "starting";
    }
    return slot.isReady() ? "ready" : "draining";
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static @Nullable ObjectNode version(@Nullable Serving serving) {
    return serving == null
        ? null
        : Json.object()
            .put("version", serving.version())
            .put("modelDigest", serving.modelDigest())
            .put("imageDigest", serving.imageDigest())
            .put("generation", serving.generation());
  }

  private ObjectNode minute() {
    Recent.Span all = metrics.recent().minute();
    ObjectNode minute = Json.object();
    ObjectNode codes = minute.putObject("codes");
    for (Code code : Code.values()) {
      codes.put(lower(code), all.count(code));
    }
    minute.set("p50", millis(all.p50()));
    minute.set("p95", millis(all.p95()));
    ArrayNode ok = minute.putArray("ok");
    ArrayNode failed = minute.putArray("failed");
    ArrayNode p95 = minute.putArray("p95BySecond");
    for (Recent.Span second : metrics.recent().seconds()) {
      ok.add(second.count(Code.OK));
      failed.add(second.total() - second.count(Code.OK));
      p95.add(millis(second.p95()));
    }
    return minute;
  }

  private static JsonNode millis(double value) {
    return Double.isNaN(value)
        ? NullNode.getInstance()
        : DoubleNode.valueOf(Math.round(value * 1000) / 1000.0);
  }

  /// Newest first.
  private ArrayNode history() {
    ArrayNode list = Json.array();
    List<HistoryEntry> entries = swaps.history();
    for (int i = entries.size() - 1; i >= 0 && list.size() < SWAPS; i--) {
      HistoryEntry entry = entries.get(i);
      SwapReport report = entry.report();
      list.add(
          (report == null ? rollback(entry, i > 0 ? entries.get(i - 1) : null) : told(report))
              .put("at", entry.at()));
    }
    return list;
  }

  private static ObjectNode rollback(HistoryEntry entry, @Nullable HistoryEntry before) {
    Serving from = before == null ? null : before.serving();
    Serving to = entry.serving();
    return Json.object()
        .put("kind", "rollback")
        .put("from", from == null ? null : from.version())
        .put("to", to == null ? null : to.version())
        .put("result", lower(entry.event()));
  }

  private static ObjectNode told(SwapReport report) {
    Serving from = report.from();
    Serving to = report.to();
    ObjectNode swap =
        Json.object()
            .put("kind", "swap")
            .put("from", from == null ? null : from.version())
            .put("to", to == null ? tag(report.image()) : to.version())
            .put("digest", report.digest())
            .put("result", lower(report.state()));
    SwapReport.Fault fault = report.fault();
    if (fault != null) {
      swap.put("phase", lower(fault.phase())).put("code", fault.code());
    }
    return swap.put(
        "millis", report.timings().values().stream().mapToDouble(Double::doubleValue).sum());
  }

  /// What stands behind the last colon of an image's name; the host before it is nobody's business.
  private static String tag(String image) {
    String last = image.substring(image.lastIndexOf('/') + 1);
    return last.substring(last.lastIndexOf(':') + 1);
  }
}
