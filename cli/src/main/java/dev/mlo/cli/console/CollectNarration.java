package dev.mlo.cli.console;

import dev.mlo.cli.image.CollectGarbage;
import dev.mlo.oci.Digest;
import java.nio.file.Path;

/// Tells what is cleaned up.
public record CollectNarration(Console console) implements CollectGarbage.Log {
  @Override
  public void untagged(String name, Digest digest) {
    console.say("%s (%s) is one version too many".formatted(name, digest.brief()));
  }

  @Override
  public void collecting(Path directory) {
    console.passing(
        "cleaning up " + directory,
        Console.event("collecting").put("directory", directory.toString()));
  }
}
