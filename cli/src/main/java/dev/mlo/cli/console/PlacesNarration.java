package dev.mlo.cli.console;

import dev.mlo.cli.project.ImagesLog;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// What a person is told who waits for a registry, or for an engine that gives an image away.
public final class PlacesNarration implements ImagesLog {
  private final Console console;
  private @Nullable Work export;

  public PlacesNarration(Console console) {
    this.console = console;
  }

  @Override
  public void again(String registry, String why, Duration pause, int next, int of) {
    console.tell(
        "%s: %s; trying again in %s (%d of %d)"
            .formatted(registry, why, Amount.time(pause), next, of),
        Console.event("retry")
            .put("registry", registry)
            .put("why", why)
            .put("milliseconds", pause.toMillis())
            .put("try", next)
            .put("of", of));
  }

  @Override
  public void waiting(String registry, String what, Duration atMost) {
    console.waiting(
        "%s: %s; waiting %s at most".formatted(registry, what, Amount.time(atMost)), atMost);
  }

  @Override
  public void exporting(String image, long bytes) {
    export = console.begin("export", image, null, bytes);
  }

  @Override
  public void exported(long bytes) {
    if (export != null) {
      export.reach(bytes);
    }
  }

  @Override
  public void exportEnded(boolean whole) {
    if (export != null && whole) {
      export.done(
          "%s: exported %s in %s"
              .formatted(export.name(), Amount.bytes(export.bytes()), Amount.time(export.took())));
    } else if (export != null) {
      export.broken();
    }
    export = null;
  }
}
