package dev.mlo.cli.promote;

import dev.mlo.cli.project.Environment;
import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.OciException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A release on its way to an environment.
///
/// @param source where it is taken from
/// @param closure what it consists of, read to the last byte; `null` when it was not looked at yet
///   or is not whole
/// @param fault what is wrong with it
record Candidate(
    ModelImage image,
    Release release,
    Origin source,
    Environment target,
    Copy.@Nullable Report closure,
    @Nullable String fault) {

  /// A store and what the ledger calls it: an environment's name, or `store` for the project's own.
  record Origin(LayoutStore store, String name, Descriptor root) {
    static final String PROJECT = "store";
  }

  static Candidate of(Origin source, Environment target) throws IOException {
    Descriptor root = source.root().bare();
    ModelImage image = ModelImage.read(source.store(), root);
    return new Candidate(image, Release.of(root, image.version()), source, target, null, null);
  }

  /// Everything it consists of, read to the last byte.
  Candidate surveyed() throws IOException {
    try {
      Copy.Report whole = Copy.verify(source.store(), release.root(), CopyLog.SILENT);
      return new Candidate(image, release, source, target, whole, null);
    } catch (OciException e) {
      return new Candidate(image, release, source, target, null, e.getMessage());
    }
  }

  LedgerEvent.Moved size() {
    return closure == null
        ? new LedgerEvent.Moved(0, 0, 0)
        : new LedgerEvent.Moved(closure.manifests(), closure.blobs(), closure.bytes());
  }

  String model() {
    return image.name();
  }

  String versionTag() {
    return model() + ":" + release.version();
  }

  String pointerTag() {
    return model() + ":" + target.name();
  }
}
