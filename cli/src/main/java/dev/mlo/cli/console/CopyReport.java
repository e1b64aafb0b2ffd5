package dev.mlo.cli.console;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.cli.image.CopyImage;
import dev.mlo.json.Json;
import dev.mlo.oci.Copy;

/// What `mlo copy` did, or would do.
public record CopyReport(CopyImage.Result result) implements Report {
  @Override
  public void text(Page page) {
    Copy.Report moved = result.moved();
    String verb = result.dryRun() ? "%s would be copied to %s" : "%s copied to %s";
    page.line(page.style().bold(verb.formatted(result.from(), result.to())));
    page.line("  digest  " + result.digest());
    page.line(
        "  %s %s; reused %d of %d blobs, %s not written"
            .formatted(
                result.dryRun() ? "missing" : "wrote  ",
                Amount.bytes(moved.bytesWritten()),
                moved.blobsReused(),
                moved.blobs(),
                Amount.bytes(Math.max(0, moved.bytes() - moved.bytesWritten()))));
    if (moved.referrers() > 0) {
      page.line("  with    " + count(moved.referrers()) + " about it");
    }
    result.notes().forEach(note -> page.line("  note    " + note));
    if (!result.dryRun()) {
      page.next(
          result.tar() == null
              ? "mlo inspect " + ShellWord.of(result.to())
              : "docker load --input " + ShellWord.of(result.tar().toString()));
    }
  }

  private static String count(int statements) {
    return statements == 1 ? "1 statement" : statements + " statements";
  }

  @Override
  public ObjectNode json() {
    Copy.Report moved = result.moved();
    ObjectNode node =
        Json.object()
            .put("from", result.from())
            .put("to", result.to())
            .put("digest", result.digest().toString())
            .put("reference", result.reference())
            .put("dryRun", result.dryRun());
    result.notes().forEach(node.putArray("notes")::add);
    node.putObject("moved")
        .put("manifests", moved.manifests())
        .put("blobs", moved.blobs())
        .put("blobsReused", moved.blobsReused())
        .put("referrers", moved.referrers())
        .put("bytes", moved.bytes())
        .put("bytesWritten", moved.bytesWritten());
    return node;
  }

  @Override
  public String brief() {
    return result.reference();
  }
}
