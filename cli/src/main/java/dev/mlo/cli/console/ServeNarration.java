package dev.mlo.cli.console;

import dev.mlo.cli.deploy.ServeLog;
import dev.mlo.contract.ModelCard;
import java.util.Locale;

/// Tells on stderr how a runner comes up and what it answers.
public final class ServeNarration implements ServeLog {
  private final Console console;

  public ServeNarration(Console console) {
    this.console = console;
  }

  @Override
  public void unpacking(String image) {
    console.transientLine("unpacking " + image);
  }

  @Override
  public void loading(String image, String name) {
    console.say("loading %s into the Docker Engine as %s".formatted(image, name));
  }

  @Override
  public void starting(ModelCard card) {
    console.clearTransientLine();
    console.say("starting the runner with %s %s".formatted(card.name(), card.version()));
  }

  @Override
  public void answered(String example, boolean passed, double millis) {
    console.say(
        String.format(
            Locale.ROOT, "%s %s (%.1f ms)", passed ? "passed" : "failed", example, millis));
  }
}
