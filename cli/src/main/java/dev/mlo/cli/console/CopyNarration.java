package dev.mlo.cli.console;

import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Descriptor;

/// A copy, as a person watches it: one line that says how much has moved and how fast.
public final class CopyNarration implements CopyLog {
  private static final long DRAW_EVERY_NANOS = 100_000_000;

  private final Console console;
  private final long started = System.nanoTime();
  private long total;
  private long blobs;
  private long finished;
  private long arrived;
  private long read;
  private long drawn;

  public CopyNarration(Console console) {
    this.console = console;
  }

  @Override
  public synchronized void planned(long blobs, long bytes) {
    this.blobs = blobs;
    this.total = bytes;
    if (!console.isTerminal()) {
      console.say("copying %d blobs, %s".formatted(blobs, Amount.bytes(bytes)));
    }
  }

  @Override
  public synchronized void advanced(Descriptor blob, long bytes) {
    arrived += bytes;
    read += bytes;
    draw(false);
  }

  @Override
  public synchronized void moved(Descriptor blob, long bytes) {
    finished++;
    arrived += bytes == 0 ? blob.size() : 0;
    draw(finished == blobs);
    if (finished == blobs) {
      console.clearTransientLine();
    }
  }

  private void draw(boolean last) {
    long now = System.nanoTime();
    if (last || now - drawn >= DRAW_EVERY_NANOS) {
      drawn = now;
      long millis = Math.max(1, (now - started) / 1_000_000);
      console.transientLine(
          "copying: %d of %d blobs, %s of %s%s"
              .formatted(
                  finished,
                  blobs,
                  Amount.bytes(Math.min(arrived, total)),
                  Amount.bytes(total),
                  read == 0 ? "" : ", " + Amount.bytes(read * 1000 / millis) + "/s"));
    }
  }
}
