package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.project.ProjectTemplate;
import dev.mlo.json.Json;

/// Which files `mlo init` wrote from its templates, or would write.
public record ProjectTemplateReport(ProjectTemplate.Result result) implements Report {
  @Override
  public void text(Page page) {
    String verb = result.written() ? "wrote " : "would write ";
    result.files().forEach(file -> page.line(verb + result.directory().resolve(file)));
    if (result.repository() != null) {
      page.line(
          "note: CI systems look at the top of the repository; move their files to "
              + result.repository()
              + " and let them `cd` here");
    }
    if (result.written()) {
      page.next(result.trains() ? "mlo build && mlo test" : "git add " + result.files().getFirst());
    }
  }

  @Override
  public ObjectNode json() {
    ObjectNode document = Json.object().put("written", result.written());
    document.put("directory", result.directory().toString());
    ArrayNode files = document.putArray("files");
    result.files().forEach(files::add);
    if (result.repository() != null) {
      document.put("repository", result.repository().toString());
    }
    return document;
  }

  @Override
  public String brief() {
    return result.directory().resolve(result.files().getLast()).toString();
  }
}
