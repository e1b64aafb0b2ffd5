package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.deploy.ContainerRunner;
import dev.mlo.cli.deploy.LocalRunner;
import dev.mlo.cli.deploy.RunnerFile;
import dev.mlo.cli.deploy.Serve;
import dev.mlo.json.Json;

/// Where an image is served now.
public record ServedReport(Serve.Served served) implements Report {
  private String model() {
    return served.file().http() + "/v2/models/" + served.card().name();
  }

  @Override
  public void text(Page page) {
    RunnerFile file = served.file();
    page.line(
        "serving %s %s"
            .formatted(page.style().bold(served.card().name()), served.card().version()));
    page.line("  inference  " + model() + "/infer");
    if (file.grpc() != null) {
      page.line("  grpc       " + file.grpc());
    }
    page.line("  page       " + file.http() + "/");
    page.line("  admin      " + file.admin() + "  (token in " + file.tokenFile() + ")");
    page.line("  metrics    " + file.admin() + "/metrics");
    page.line("  log        " + log());
    page.line("");
    page.line("Ctrl-C stops it. In another shell:");
    if (served.modelsDirectory() == null || served.card().examples().isEmpty()) {
      page.line("  curl -s " + model());
    } else {
      page.line(
          "  curl -s %s/infer -d @%s"
              .formatted(
                  model(),
                  served.modelsDirectory().resolve(served.card().examples().getFirst().request())));
    }
    page.line("  mlo swap %s:OTHER --runner %s".formatted(served.card().name(), file.admin()));
  }

  private String log() {
    return switch (served.runner()) {
      case LocalRunner local -> local.log().toString();
      case ContainerRunner container -> "docker logs " + container.container();
    };
  }

  @Override
  public ObjectNode json() {
    ObjectNode node = Json.object().put("model", served.card().name());
    node.put("version", served.card().version());
    node.setAll(Json.tree(served.file()));
    switch (served.runner()) {
      case LocalRunner local -> node.put("log", local.log().toString());
      case ContainerRunner container -> node.put("container", container.container());
    }
    return node;
  }

  @Override
  public String brief() {
    return served.file().http();
  }
}
