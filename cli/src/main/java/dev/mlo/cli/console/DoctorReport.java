package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.doctor.Check;
import dev.mlo.cli.doctor.Doctor;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.json.Json;
import java.util.ArrayList;
import java.util.List;

/// What `mlo doctor` found: a line each, and what to do about it below.
public record DoctorReport(Doctor.Result result) implements Report {
  @Override
  public void text(Page page) {
    var rows = new ArrayList<List<String>>();
    for (Check check : result.checks()) {
      Style style = page.style();
      switch (check) {
        case Check.Fine fine -> rows.add(row(style.good("ok"), fine));
        case Check.Doubtful doubtful -> {
          rows.add(row(style.warn("warn"), doubtful));
          rows.add(List.of("", "", style.dim("fix: ") + Row.plain(doubtful.fix())));
        }
        case Check.Broken broken -> {
          rows.add(row(style.bad("fail"), broken));
          rows.add(List.of("", "", style.dim("fix: ") + Row.plain(broken.fix())));
        }
      }
    }
    page.table(rows);
    page.line("");
    page.line(
        "%d checks: %d failed, %d to look at"
            .formatted(
                result.checks().size(), count(Check.Broken.class), count(Check.Doubtful.class)));
  }

  private static List<String> row(String state, Check check) {
    return List.of(state, Row.plain(check.name()), Row.plain(check.detail()));
  }

  private long count(Class<? extends Check> kind) {
    return result.checks().stream().filter(kind::isInstance).count();
  }

  @Override
  public ObjectNode json() {
    ExitCode code = result.code();
    ObjectNode node =
        Json.object().put("healthy", code == ExitCode.DONE).put("exitCode", code.number());
    var checks = node.putArray("checks");
    for (Check check : result.checks()) {
      ObjectNode one = checks.addObject().put("state", word(check)).put("name", check.name());
      one.put("detail", check.detail());
      switch (check) {
        case Check.Fine _ -> {}
        case Check.Doubtful doubtful -> one.put("fix", doubtful.fix());
        case Check.Broken broken ->
            one.put("fix", broken.fix()).put("exitCode", broken.code().number());
      }
    }
    return node;
  }

  private static String word(Check check) {
    return switch (check) {
      case Check.Fine _ -> "ok";
      case Check.Doubtful _ -> "warn";
      case Check.Broken _ -> "fail";
    };
  }

  @Override
  public String brief() {
    long broken = count(Check.Broken.class);
    return broken > 0 ? "fail" : count(Check.Doubtful.class) > 0 ? "warn" : "ok";
  }
}
