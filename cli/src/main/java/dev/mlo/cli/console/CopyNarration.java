package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.image.CopyImage;
import dev.mlo.contract.Labels;
import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.MediaTypes;
import java.util.HashMap;
import java.util.Map;

/// A copy, as a person watches it: a row for each blob on its way.
public final class CopyNarration implements CopyLog {
  /// Which way the bytes go, for whoever watches.
  public enum Way {
    COPY("copying"),
    UPLOAD("sending"),
    DOWNLOAD("fetching");

    private final String verb;

    Way(String verb) {
      this.verb = verb;
    }
  }

  /// Below this a blob is there before a person could read that it is coming.
  private static final long WORTH_TELLING = 1 << 20;

  private final Console console;
  private final Way way;
  private final Map<Digest, Work> moving = new HashMap<>();

  public CopyNarration(Console console, Way way) {
    this.console = console;
    this.way = way;
  }

  @Override
  public void planned(long blobs, long bytes) {
    console.tell(
        "%s %d blobs, %s".formatted(way.verb, blobs, Amount.bytes(bytes)),
        Console.event("plan").put("action", action()).put("blobs", blobs).put("bytes", bytes));
  }

  @Override
  public void advanced(Descriptor blob, long bytes) {
    work(blob).add(bytes);
  }

  @Override
  public void resumed(Descriptor blob, long bytes) {
    Work work = work(blob);
    console.tell(
        "%s: %s of %s are here from a run before"
            .formatted(Row.plain(work.name()), Amount.bytes(bytes), Amount.bytes(blob.size())),
        Console.event("resume")
            .put("action", action())
            .put("digest", blob.digest().toString())
            .put("bytes", bytes));
    work.add(bytes);
  }

  @Override
  public void moved(Descriptor blob, long bytes) {
    Work work = work(blob);
    synchronized (moving) {
      moving.remove(blob.digest());
    }
    if (bytes == 0) {
      work.reused();
    } else {
      work.done(blob.size() < WORTH_TELLING ? "" : line(work));
    }
  }

  @Override
  public void left(Descriptor layer) {
    console.warn(
        "the layer %s was left out: its maker lets nobody pass it on, the manifest says where to get it"
            .formatted(layer.digest().brief()));
  }

  /// Everything is there and has its name. A person reads it in the report.
  public void copied(CopyImage.Result result) {
    if (!result.dryRun()) {
      console.passing("", event(result.moved()));
    }
  }

  static ObjectNode event(Copy.Report report) {
    return Console.event("copied")
        .put("blobs", report.blobs())
        .put("blobsReused", report.blobsReused())
        .put("bytes", report.bytes())
        .put("bytesWritten", report.bytesWritten());
  }

  private Work work(Descriptor blob) {
    synchronized (moving) {
      return moving.computeIfAbsent(
          blob.digest(),
          digest -> console.begin(action(), name(blob), digest.toString(), blob.size()));
    }
  }

  private String action() {
    return way.name().toLowerCase(java.util.Locale.ROOT);
  }

  /// `model 1f0e5c9a2b3d`; a layer of somebody else's image has no role.
  private static String name(Descriptor blob) {
    boolean config = blob.mediaType().equals(MediaTypes.CONFIG);
    String role =
        blob.annotations().getOrDefault(Labels.LAYER_ROLE, config ? "configuration" : "blob");
    return role + " " + blob.digest().brief();
  }

  /// What is said of bytes that have arrived.
  static String line(Work work) {
    long millis = Math.max(1, work.took().toMillis());
    return "%s: %s in %s%s"
        .formatted(
            Row.plain(work.name()),
            Amount.bytes(work.total()),
            Amount.time(work.took()),
            millis < 100 ? "" : ", " + Amount.bytes(work.total() * 1000 / millis) + "/s");
  }
}
