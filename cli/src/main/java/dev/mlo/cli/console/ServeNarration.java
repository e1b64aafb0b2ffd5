package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.deploy.ServeLog;
import dev.mlo.contract.ModelCard;
import java.util.Locale;
import java.util.OptionalLong;

/// Tells on stderr how a runner comes up and what it answers.
public final class ServeNarration implements ServeLog {
  private final Console console;

  public ServeNarration(Console console) {
    this.console = console;
  }

  @Override
  public void unpacking(String image) {
    console.passing("unpacking " + image, Console.event("unpacking").put("image", image));
  }

  @Override
  public void loading(String image, String name) {
    console.tell(
        "loading %s into the Docker Engine as %s".formatted(image, name),
        Console.event("loading").put("image", image).put("name", name));
  }

  @Override
  public void starting(ModelCard card) {
    console.tell(
        "starting the runner with %s %s".formatted(card.name(), card.version()),
        Console.event("starting").put("model", card.name()).put("version", card.version()));
  }

  @Override
  public void stopped(OptionalLong answered) {
    ObjectNode event = Console.event("stopped");
    answered.ifPresent(count -> event.put("requests", count));
    console.tell(
        answered.isPresent() ? "stopped; requests answered: " + answered.getAsLong() : "stopped",
        event);
  }

  @Override
  public void answered(String example, boolean passed, double millis) {
    console.tell(
        String.format(
            Locale.ROOT, "%s %s (%.1f ms)", passed ? "passed" : "failed", example, millis),
        Console.event("example")
            .put("example", example)
            .put("passed", passed)
            .put("milliseconds", millis));
  }
}
