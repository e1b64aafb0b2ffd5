package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.project.Environment;
import dev.mlo.cli.project.Project;
import dev.mlo.cli.project.Validation.Outcome;
import dev.mlo.cli.project.Violation;
import dev.mlo.contract.TensorSpec;
import dev.mlo.json.Json;
import java.util.List;

/// What `mlo validate` found. Violations are the result, so they are on stdout.
public record ValidationReport(Outcome outcome) implements Report {
  @Override
  public void text(Page page) {
    switch (outcome) {
      case Outcome.Sound sound -> sound(page, sound);
      case Outcome.Wrong wrong -> {
        wrong.violations().forEach(violation -> page.line(violation.toString()));
        page.line(page.style().bad(count(wrong.violations().size())));
      }
    }
  }

  private static String count(int violations) {
    return violations == 1 ? "1 mistake" : violations + " mistakes";
  }

  private static void sound(Page page, Outcome.Sound sound) {
    Project project = sound.project();
    page.line(
        "%s %s: %s %s"
            .formatted(
                page.style().good("ok"),
                String.valueOf(project.manifest().getFileName()),
                project.name(),
                project.version() == null ? "(no version)" : project.version()));
    page.line("model    " + project.directory().relativize(sound.entry()));
    tensors(page, "inputs   ", sound.signature().inputs());
    tensors(page, "outputs  ", sound.signature().outputs());
    page.line("examples " + project.examples().size());
    page.line(
        "promoted "
            + String.join(" -> ", project.environments().stream().map(Environment::name).toList()));
    sound.notes().forEach(note -> page.line("note: " + note));
    page.next("mlo build");
  }

  private static void tensors(Page page, String title, List<TensorSpec> specs) {
    page.line(title + String.join(", ", specs.stream().map(TensorSpec::toString).toList()));
  }

  @Override
  public ObjectNode json() {
    return switch (outcome) {
      case Outcome.Sound sound -> sound(sound);
      case Outcome.Wrong wrong -> wrong(wrong);
    };
  }

  private static ObjectNode sound(Outcome.Sound sound) {
    Project project = sound.project();
    ObjectNode document = Json.object().put("valid", true);
    document.put("manifest", project.manifest().toString());
    document.put("name", project.name());
    document.put("version", project.version());
    document.put("model", project.directory().relativize(sound.entry()).toString());
    document.set("signature", Json.tree(sound.signature()));
    document.put("examples", project.examples().size());
    ArrayNode environments = document.putArray("environments");
    project.environments().forEach(environment -> environments.add(environment.name()));
    ArrayNode notes = document.putArray("notes");
    sound.notes().forEach(notes::add);
    document.putArray("violations");
    return document;
  }

  private static ObjectNode wrong(Outcome.Wrong wrong) {
    ObjectNode document = Json.object().put("valid", false);
    document.put("manifest", wrong.manifest().toString());
    ArrayNode violations = document.putArray("violations");
    for (Violation violation : wrong.violations()) {
      violations.add(Json.tree(violation));
    }
    return document;
  }

  @Override
  public String brief() {
    return switch (outcome) {
      case Outcome.Sound _ -> "ok";
      case Outcome.Wrong wrong -> count(wrong.violations().size());
    };
  }
}
