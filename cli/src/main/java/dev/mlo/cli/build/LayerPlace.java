package dev.mlo.cli.build;

import dev.mlo.contract.Labels;
import dev.mlo.oci.BlobSink;
import dev.mlo.oci.BlobWriter;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.LayerWriter;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.NotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Puts the parts of an image into a store and tells which of them it did not have before; or only
/// finds out what their digests would be.
final class LayerPlace {
  /// Below this size a layer is there before a person could read that it is coming.
  private static final long WORTH_TELLING = 16L << 20;

  /// `null`: nothing is written.
  private final @Nullable LayoutStore store;

  private final BuildLog log;
  private final Set<String> before;
  private final Map<String, Descriptor> names;

  private LayerPlace(
      @Nullable LayoutStore store,
      BuildLog log,
      Set<String> before,
      Map<String, Descriptor> names) {
    this.store = store;
    this.log = log;
    this.before = before;
    this.names = names;
  }

  static LayerPlace writing(LayoutStore store, BuildLog log) throws IOException {
    return new LayerPlace(store, log, blobs(store.directory()), store.tags());
  }

  /// Computes digests and writes nothing.
  static LayerPlace trying(Path directory, BuildLog log) throws IOException {
    Map<String, Descriptor> names;
    try {
      names = LayoutStore.open(directory).tags();
    } catch (NotFoundException e) {
      names = Map.of();
    }
    return new LayerPlace(null, log, blobs(directory), names);
  }

  private static Set<String> blobs(Path directory) throws IOException {
    Path blobs = directory.resolve("blobs").resolve("sha256");
    if (!Files.isDirectory(blobs)) {
      return Set.of();
    }
    try (Stream<Path> files = Files.list(blobs)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .collect(Collectors.toUnmodifiableSet());
    }
  }

  /// Where things are written; `null` when nothing is.
  @Nullable LayoutStore store() {
    return store;
  }

  /// What a name pointed at when this place was opened.
  @Nullable Descriptor named(String name) {
    return names.get(name);
  }

  boolean had(Descriptor descriptor) throws IOException {
    return store == null
        ? before.contains(descriptor.digest().hex())
        : before.contains(descriptor.digest().hex()) && store.has(descriptor);
  }

  Layer put(String what, String role, LayerWriter layer) throws IOException {
    long size = layer.size();
    if (size < WORTH_TELLING) {
      return layer(what, role, blob(layer));
    }
    log.layerStarted(what, size);
    Layer put = layer(what, role, blob(out -> layer.writeTo(new Told(out, log))));
    log.layerFinished();
    return put;
  }

  /// A layer that is known to be here.
  Layer known(String what, String role, Descriptor layer) {
    return layer(what, role, layer.bare());
  }

  /// A layer of another image, linked where that is possible.
  ///
  /// @param layer with its annotations
  Layer take(String what, Descriptor layer, Digest diffId, ImageSource source) throws IOException {
    long written = store == null ? 0 : store.blob(layer, source);
    return new Layer(what, layer, diffId, written == 0);
  }

  /// A layer that was fetched for this image.
  ///
  /// @param layer with its annotations
  Layer bring(String what, Descriptor layer, Digest diffId, ImageSource source) throws IOException {
    Layer taken = take(what, layer, diffId, source);
    return new Layer(what, layer, diffId, taken.reused() && had(layer));
  }

  private Layer layer(String what, String role, Descriptor blob) {
    return new Layer(
        what,
        blob.with(Labels.LAYER_ROLE, role),
        blob.digest(),
        before.contains(blob.digest().hex()));
  }

  private Descriptor blob(BlobWriter writer) throws IOException {
    if (store != null) {
      return store.blob(MediaTypes.LAYER_TAR, writer);
    }
    MessageDigest hasher = Digest.hasher("sha256");
    Counted counted = new Counted(new DigestOutputStream(OutputStream.nullOutputStream(), hasher));
    writer.writeTo(counted);
    return Descriptor.of(
        MediaTypes.LAYER_TAR, Digest.of("sha256", hasher.digest()), counted.written);
  }

  /// A document of the image.
  Descriptor document(String mediaType, byte[] bytes) throws IOException {
    return store == null ? Descriptor.of(mediaType, bytes) : store.blob(mediaType, bytes);
  }

  /// The image itself and its names, last of all.
  void publish(Descriptor image, byte[] manifest, Iterable<String> imageNames) throws IOException {
    if (store == null) {
      return;
    }
    store.manifest(image, manifest);
    name(image, imageNames);
  }

  /// Points names at an image that is here.
  void name(Descriptor image, Iterable<String> imageNames) throws IOException {
    if (store == null) {
      return;
    }
    for (String name : imageNames) {
      Descriptor pointed = names.get(name);
      if (pointed == null || !pointed.digest().equals(image.digest())) {
        store.tag(name, image);
      }
    }
  }

  private static class Counted extends BlobSink {
    private final BlobSink out;
    long written;

    Counted(OutputStream out) {
      this.out = BlobSink.of(out);
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      count(length);
    }

    @Override
    public int take(FileChannel file, MessageDigest beside) throws IOException {
      int n = out.take(file, beside);
      count(Math.max(n, 0));
      return n;
    }

    void count(int bytes) {
      written += bytes;
    }
  }

  private static final class Told extends Counted {
    private final BuildLog log;

    Told(OutputStream out, BuildLog log) {
      super(out);
      this.log = log;
    }

    @Override
    void count(int bytes) {
      super.count(bytes);
      log.layerProgress(written);
    }
  }
}
