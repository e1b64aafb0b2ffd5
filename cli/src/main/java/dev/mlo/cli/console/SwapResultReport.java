package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.deploy.SwapOutcome;
import dev.mlo.cli.deploy.SwapResult;
import dev.mlo.contract.Serving;
import dev.mlo.contract.SwapState;
import dev.mlo.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What a swap or a rollback did, a line a runner.
public record SwapResultReport(SwapResult result) implements Report {
  /// Those of a runner's timings that people look at, with what they are called.
  private static final List<List<String>> TIMINGS =
      List.of(
          List.of("loading", "load"),
          List.of("testing", "test"),
          List.of("flip", "flip"),
          List.of("drain", "drain"),
          List.of(SwapOutcome.ROLLBACK, "rollback"));

  @Override
  public void text(Page page) {
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("RUNNER", "FROM", "TO", "STATE", "SENT", "TOOK"));
    for (SwapOutcome outcome : result.runners()) {
      rows.add(
          List.of(
              outcome.runner().toString(),
              SwapNarration.model(outcome.from()),
              outcome.to() == null ? result.image() : SwapNarration.model(outcome.to()),
              state(outcome.state()),
              outcome.layers() == 0 ? "nothing" : Amount.bytes(outcome.bytes()),
              took(outcome)));
    }
    page.table(rows);
    next(page);
  }

  private void next(Page page) {
    String runners =
        result.runners().stream().map(o -> " --runner " + o.runner()).collect(Collectors.joining());
    boolean changed = result.runners().stream().anyMatch(o -> o.state() == SwapState.COMMITTED);
    if (result.dryRun() && !result.rollback()) {
      page.next("mlo swap " + result.image() + runners);
    } else if (result.dryRun() || changed) {
      page.next("mlo swap --rollback" + runners);
    } else {
      page.next("mlo status");
    }
  }

  private String state(SwapState state) {
    return switch (state) {
      case NOOP -> "served already";
      case ADMITTING -> result.rollback() ? "could go back" : "would take it";
      case ROLLED_BACK -> "rolled back";
      default -> state.name().toLowerCase(Locale.ROOT);
    };
  }

  private static String took(SwapOutcome outcome) {
    var parts = new ArrayList<String>();
    for (List<String> timing : TIMINGS) {
      @Nullable Double millis = outcome.timings().get(timing.getFirst());
      if (millis != null) {
        parts.add(timing.getLast() + " " + millis(millis));
      }
    }
    return String.join(", ", parts);
  }

  private static String millis(double millis) {
    return String.format(Locale.ROOT, millis < 1 ? "%.3f ms" : "%.0f ms", millis);
  }

  @Override
  public ObjectNode json() {
    ObjectNode node =
        Json.object()
            .put("image", result.image())
            .put("digest", result.digest())
            .put("rollback", result.rollback())
            .put("dryRun", result.dryRun());
    ArrayNode runners = node.putArray("runners");
    for (SwapOutcome outcome : result.runners()) {
      ObjectNode one =
          runners
              .addObject()
              .put("runner", outcome.runner().toString())
              .put("state", outcome.state().name());
      one.set("from", serving(outcome.from()));
      one.set("to", serving(outcome.to()));
      one.put("layersSent", outcome.layers()).put("bytesSent", outcome.bytes());
      ObjectNode timings = one.putObject("timingsMs");
      outcome.timings().forEach(timings::put);
    }
    return node;
  }

  private static @Nullable ObjectNode serving(@Nullable Serving serving) {
    return serving == null ? null : Json.tree(serving);
  }

  @Override
  public String brief() {
    return result.digest();
  }
}
