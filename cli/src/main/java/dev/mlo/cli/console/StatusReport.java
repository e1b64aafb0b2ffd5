package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.promote.Drift;
import dev.mlo.cli.promote.EnvironmentRecord;
import dev.mlo.cli.promote.EnvironmentStatus;
import dev.mlo.cli.promote.RunnerSighting;
import dev.mlo.cli.promote.Status;
import dev.mlo.json.Json;
import dev.mlo.oci.Digest;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// For every environment: what it should be, what its pointer says, what runs.
public record StatusReport(Status.Result result) implements Report {
  @Override
  public void text(Page page) {
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("ENVIRONMENT", "VERSION", "DIGEST", "SINCE", "POINTER", "RUNNERS", "STATE"));
    result.environments().forEach(environment -> rows.add(row(page, environment)));
    page.table(rows);
    runners(page);
    List<Drift> drifts =
        result.environments().stream().flatMap(status -> status.drifts().stream()).toList();
    drifts.forEach(drift -> {
      page.line("");
      page.line(page.style().bad("! ") + drift.kind().words() + ": " + drift.detail());
      page.line("  put it right: " + drift.remedy());
    });
    next().filter(command -> drifts.isEmpty()).ifPresent(page::next);
  }

  private static List<String> row(Page page, EnvironmentStatus status) {
    @Nullable EnvironmentRecord ledger = status.ledger();
    String state = status.state();
    return List.of(
        status.name(),
        ledger == null ? "-" : ledger.current().version(),
        ledger == null ? "-" : ledger.current().digest().brief(),
        ledger == null ? "-" : ledger.since().toString(),
        pointer(status),
        running(status),
        status.drifts().isEmpty()
            ? state + (ledger != null && ledger.held() ? ", held" : "")
            : page.style().bad(state));
  }

  private static String pointer(EnvironmentStatus status) {
    @Nullable Digest pointer = status.pointer();
    if (pointer == null) {
      return status.ledger() == null ? "-" : "none";
    }
    boolean same = status.ledger() != null && pointer.equals(status.ledger().current().digest());
    return same ? "same" : pointer.brief();
  }

  private static String running(EnvironmentStatus status) {
    if (status.runners().isEmpty()) {
      return "-";
    }
    long behind =
        status.drifts().stream()
            .filter(drift ->
                drift.kind() == Drift.Kind.RUNNER_BEHIND
                    || drift.kind() == Drift.Kind.RUNNER_UNKNOWN)
            .count();
    long silent = status.runners().stream().filter(runner -> runner.serves() == null).count();
    return "%d of %d".formatted(status.runners().size() - behind - silent, status.runners().size());
  }

  private void runners(Page page) {
    var all = new LinkedHashSet<RunnerSighting>();
    result.environments().forEach(environment -> all.addAll(environment.runners()));
    all.addAll(result.elsewhere());
    if (all.isEmpty()) {
      return;
    }
    var rows = new ArrayList<List<String>>();
    rows.add(List.of("RUNNER", "URL", "SERVES", "DIGEST", "STATE"));
    for (RunnerSighting runner : all) {
      RunnerSighting.@Nullable Serves serves = runner.serves();
      rows.add(
          serves == null
              ? List.of(
                  runner.name(),
                  runner.url(),
                  "-",
                  "-",
                  runner.trouble() == null ? "serves nothing" : runner.trouble())
              : List.of(
                  runner.name(),
                  runner.url(),
                  serves.model() + " " + serves.version(),
                  serves.digest() == null ? "not told" : serves.digest().brief(),
                  serves.ready() ? "ready" : "not ready"));
    }
    page.line("");
    page.table(rows);
  }

  private Optional<String> next() {
    return result.environments().stream()
        .filter(environment -> environment.ledger() == null)
        .findFirst()
        .map(environment -> "mlo promote --to " + environment.name());
  }

  @Override
  public ObjectNode json() {
    ObjectNode node = Json.object().put("model", result.model()).put("drift", result.drifted());
    ArrayNode environments = node.putArray("environments");
    result.environments().forEach(environment -> environments.add(json(environment)));
    ArrayNode elsewhere = node.putArray("runners");
    result.elsewhere().forEach(runner -> elsewhere.add(json(runner)));
    return node;
  }

  private static ObjectNode json(EnvironmentStatus status) {
    ObjectNode node = Json.object().put("name", status.name()).put("state", status.state());
    @Nullable EnvironmentRecord ledger = status.ledger();
    if (ledger != null) {
      node.putObject("ledger")
          .put("version", ledger.current().version())
          .put("digest", ledger.current().digest().toString())
          .put("sequence", ledger.sequence())
          .put("since", ledger.since().toString())
          .put("hold", ledger.held());
    }
    if (status.pointer() != null) {
      node.put("pointer", status.pointer().toString());
    }
    ArrayNode runners = node.putArray("runners");
    status.runners().forEach(runner -> runners.add(json(runner)));
    ArrayNode drifts = node.putArray("drifts");
    for (Drift drift : status.drifts()) {
      drifts
          .addObject()
          .put("kind", drift.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'))
          .put("detail", drift.detail())
          .put("remedy", drift.remedy());
    }
    return node;
  }

  private static ObjectNode json(RunnerSighting runner) {
    ObjectNode node = Json.object().put("name", runner.name()).put("url", runner.url());
    if (runner.image() != null) {
      node.put("image", runner.image());
    }
    RunnerSighting.@Nullable Serves serves = runner.serves();
    if (serves != null) {
      node.put("model", serves.model())
          .put("version", serves.version())
          .put("ready", serves.ready());
      if (serves.digest() != null) {
        node.put("digest", serves.digest().toString());
      }
    }
    if (runner.trouble() != null) {
      node.put("trouble", runner.trouble());
    }
    return node;
  }

  @Override
  public String brief() {
    return String.join(
        "\n",
        result.environments().stream()
            .filter(environment -> environment.ledger() != null)
            .map(StatusReport::line)
            .toList());
  }

  private static String line(EnvironmentStatus status) {
    @Nullable EnvironmentRecord ledger = status.ledger();
    return status.name() + " " + (ledger == null ? "" : ledger.current().digest());
  }
}
