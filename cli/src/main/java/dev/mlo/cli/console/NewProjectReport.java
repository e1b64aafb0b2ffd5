package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
    page.next("mlo build");
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
    document.put("text", result.text());
    return document;
  }

  @Override
  public String brief() {
    return result.manifest().toString();
  }
}
