package dev.mlo.cli.promote;

import dev.mlo.oci.Copy;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.OciException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Whether a store has everything an image consists of: its documents with the right bytes, its
/// blobs with the right size.
final class Whole {
  private Whole() {}

  /// What is wrong; empty when nothing is.
  static Optional<String> fault(Path directory, Descriptor root) throws IOException {
    try {
      return fault(LayoutStore.open(directory), root);
    } catch (OciException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  static Optional<String> fault(LayoutStore store, Descriptor root) throws IOException {
    try {
      long missing = Copy.plan(store, root, store::has).bytesWritten();
      return missing == 0
          ? Optional.empty()
          : Optional.of(
              "%d bytes of %s are missing in %s"
                  .formatted(missing, root.digest(), store.describe()));
    } catch (OciException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
