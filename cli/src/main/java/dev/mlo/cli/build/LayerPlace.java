package dev.mlo.cli.build;

import dev.mlo.contract.Labels;
import dev.mlo.oci.BlobWriter;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.LayerWriter;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.MediaTypes;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Puts layers into a store and tells which of them it did not have before.
final class LayerPlace {
  /// Below this size a layer is there before a person could read that it is coming.
  private static final long WORTH_TELLING = 16L << 20;

  private final LayoutStore store;
  private final BuildLog log;
  private final Set<String> before;

  LayerPlace(LayoutStore store, BuildLog log) throws IOException {
    this.store = store;
    this.log = log;
    this.before = names(store.directory().resolve("blobs").resolve("sha256"));
  }

  private static Set<String> names(Path blobs) throws IOException {
    if (!Files.isDirectory(blobs)) {
      return Set.of();
    }
    try (Stream<Path> files = Files.list(blobs)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .collect(Collectors.toUnmodifiableSet());
    }
  }

  LayoutStore store() {
    return store;
  }

  Layer put(String what, String role, LayerWriter layer) throws IOException {
    long size = layer.size();
    boolean telling = size >= WORTH_TELLING;
    if (telling) {
      log.layerStarted(what, size);
    }
    Descriptor written = store.blob(MediaTypes.LAYER_TAR, telling ? told(layer) : layer);
    if (telling) {
      log.layerFinished();
    }
    return new Layer(
        what,
        written.with(Labels.LAYER_ROLE, role),
        written.digest(),
        before.contains(written.digest().hex()));
  }

  private BlobWriter told(LayerWriter layer) {
    return out -> layer.writeTo(new Told(out, log));
  }

  private static final class Told extends FilterOutputStream {
    private final BuildLog log;
    private long written;

    Told(OutputStream out, BuildLog log) {
      super(out);
      this.log = log;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      written += length;
      log.layerProgress(written);
    }
  }
}
