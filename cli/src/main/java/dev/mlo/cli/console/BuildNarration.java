package dev.mlo.cli.console;

import dev.mlo.cli.build.BuildLog;
import dev.mlo.cli.build.ImageBuild;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Digest;
import org.jspecify.annotations.Nullable;

/// Building, as a person watches it: a row for the layer that is written.
public final class BuildNarration implements BuildLog {
  private final Console console;
  private @Nullable Work layer;

  public BuildNarration(Console console) {
    this.console = console;
  }

  @Override
  public void runnerImageNeeded(String why) {
    console.tell(
        "making the shared runner image: " + why, Console.event("runner-image").put("why", why));
  }

  @Override
  public void baseFound(String reference, Digest digest, int layers, int missing, long bytes) {
    console.tell(
        "base %s is %s: %s"
            .formatted(
                reference,
                digest,
                missing == 0
                    ? "all its %d layers are here already".formatted(layers)
                    : "%d of %d layers to fetch, %s"
                        .formatted(missing, layers, Amount.bytes(bytes))),
        Console.event("base")
            .put("reference", reference)
            .put("digest", digest.toString())
            .put("layers", layers)
            .put("missing", missing)
            .put("bytes", bytes));
  }

  @Override
  public CopyLog fetching() {
    return new CopyNarration(console, CopyNarration.Way.DOWNLOAD);
  }

  @Override
  public synchronized void layerStarted(String what, long bytes) {
    layer = console.begin("write", "layer " + what, null, bytes);
  }

  @Override
  public synchronized void layerProgress(long bytes) {
    if (layer != null) {
      layer.reach(bytes);
    }
  }

  @Override
  public synchronized void layerFinished() {
    if (layer == null) {
      return;
    }
    if (layer.bytes() < layer.total()) {
      layer.broken();
    } else {
      layer.done(CopyNarration.line(layer));
    }
    layer = null;
  }

  /// The image is in the store. A person reads it in the report.
  public void built(ImageBuild.Result result) {
    console.passing(
        "",
        Console.event("built")
            .put("image", result.name())
            .put("digest", result.digest().toString())
            .put("layers", result.layers().size())
            .put("layersReused", result.layersReused())
            .put("bytesReused", result.bytesReused())
            .put("bytesWritten", result.bytesWritten()));
  }

  @Override
  public void note(String sentence) {
    console.tell("note: " + sentence, Console.event("note").put("message", sentence));
  }

  @Override
  public void nameMoved(String name, Digest before) {
    console.warn("%s pointed at %s before".formatted(name, before));
  }
}
