package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.project.Migration;
import dev.mlo.cli.project.NewProject;
import dev.mlo.contract.TensorSpec;
import dev.mlo.json.Json;
import java.util.List;

/// What `mlo init` wrote, or would write.
public record NewProjectReport(NewProject.Result result) implements Report {
  @Override
  public void text(Page page) {
    if (!result.written()) {
      page.line("would write " + result.manifest() + ":");
      page.line("");
      result.text().lines().forEach(page::line);
      migration(page, result.migration());
      return;
    }
    page.line("wrote    " + result.manifest());
    page.line("name     " + result.name() + origin());
    page.line("model    " + result.modelPath());
    page.line("inputs   " + tensors(result.model().signature().inputs()));
    page.line("outputs  " + tensors(result.model().signature().outputs()));
    if (result.examples() > 0) {
      page.line("examples " + result.examples());
    }
    result.model().notes().forEach(note -> page.line("note: " + note));
    migration(page, result.migration());
    page.next("mlo build");
  }

  private static void migration(Page page, Migration migration) {
    if (!migration.happened()) {
      return;
    }
    page.line("");
    page.line(
        "%s carried over: %s"
            .formatted(
                migration.tool(),
                migration.carried().isEmpty()
                    ? "nothing"
                    : String.join(", ", migration.carried())));
    if (!migration.left().isEmpty()) {
      page.line("left behind:");
      migration.left().forEach(left -> page.line("  %s: %s".formatted(left.what(), left.why())));
    }
  }

  private String origin() {
    return result.directoryName() == null
        ? ""
        : " (made of the directory's name `%s`, which is no DNS label)"
            .formatted(result.directoryName());
  }

  private static String tensors(List<TensorSpec> specs) {
    return String.join(", ", specs.stream().map(TensorSpec::toString).toList());
  }

  @Override
  public ObjectNode json() {
    ObjectNode document = Json.object().put("written", result.written());
    document.put("manifest", result.manifest().toString());
    document.put("name", result.name());
    document.put("model", result.modelPath());
    document.put("format", result.model().format());
    document.set("signature", Json.tree(result.model().signature()));
    document.put("examples", result.examples());
    ArrayNode notes = document.putArray("notes");
    result.model().notes().forEach(notes::add);
    if (result.migration().happened()) {
      document.set("migration", migration(result.migration()));
    }
    document.put("text", result.text());
    return document;
  }

  private static ObjectNode migration(Migration migration) {
    ObjectNode document = Json.object().put("tool", migration.tool());
    document.put("file", migration.file().toString());
    ArrayNode carried = document.putArray("carried");
    migration.carried().forEach(carried::add);
    ArrayNode left = document.putArray("left");
    migration.left().forEach(each -> left.add(Json.tree(each)));
    return document;
  }

  @Override
  public String brief() {
    return result.manifest().toString();
  }
}
