package dev.mlo.cli.console;

import dev.mlo.cli.build.ImageBuild;
import dev.mlo.cli.demo.DemoLog;
import dev.mlo.cli.deploy.SwapOutcome;
import dev.mlo.contract.Serving;
import dev.mlo.oci.Digest;
import java.net.URI;
import java.util.Locale;

/// The demo, told line by line, with the commands that do the same.
public final class DemoNarration implements DemoLog {
  private final Console console;

  public DemoNarration(Console console) {
    this.console = console;
  }

  @Override
  public void built(ImageBuild.Result result) {
    say(
        "mlo build",
        "%s is %s; %d of %d layers reused, %s new"
            .formatted(
                result.name(),
                result.digest().brief(),
                result.layersReused(),
                result.layers().size(),
                Amount.bytes(result.bytesWritten())));
  }

  @Override
  public void tested(String image, int examples) {
    say("mlo test", "%s answers its %d examples".formatted(image, examples));
  }

  @Override
  public void promoted(String image, String environment, Digest digest) {
    say("mlo promote", "%s is in %s: %s".formatted(image, environment, digest.brief()));
  }

  @Override
  public void serving(String image, URI url) {
    say("mlo run", "%s serves at %s".formatted(image, url));
  }

  @Override
  public void asking(int clients) {
    say("", "%d clients ask without a pause; every answer is checked".formatted(clients));
  }

  @Override
  public void swapped(int number, int of, SwapOutcome outcome) {
    String what =
        "%d of %d: %s takes the place of %s"
            .formatted(
                number, of, SwapNarration.model(outcome.to()), SwapNarration.model(outcome.from()));
    if (number == 1 || number == of) {
      say("mlo swap", what);
    } else {
      console.passing(what, Console.event("note").put("message", what));
    }
  }

  @Override
  public void refused(String image, String why) {
    say("mlo swap", "%s is turned away: %s".formatted(image, why));
  }

  @Override
  public void rolledBack(Serving now, double millis) {
    say(
        "mlo swap --rollback",
        "%s serves again".formatted(SwapNarration.model(now))
            + String.format(Locale.ROOT, ", after %.0f ms", millis));
  }

  private void say(String command, String what) {
    console.say(String.format(Locale.ROOT, "%-20s %s", command, what));
  }
}
