package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.image.CopyImage;

/// What `mlo runner push` sent, and how others get at it.
public record RunnerPushReport(CopyImage.Result result) implements Report {
  @Override
  public void text(Page page) {
    page.line(
        page.style()
            .bold(
                (result.dryRun() ? "would send the runner image to " : "sent the runner image to ")
                    + result.to()));
    page.line("  digest  " + result.digest());
    page.line(
        "  %s %s; reused %d of %d blobs"
            .formatted(
                result.dryRun() ? "missing" : "wrote  ",
                Amount.bytes(result.moved().bytesWritten()),
                result.moved().blobsReused(),
                result.moved().blobs()));
    if (!result.dryRun() && result.tar() == null) {
      page.line("  pin it in mlops.yaml: image: {runner: \"" + result.reference() + "\"}");
      page.next("mlo runner use " + result.reference());
    }
  }

  @Override
  public ObjectNode json() {
    return new CopyReport(result).json();
  }

  @Override
  public String brief() {
    return result.reference();
  }
}
