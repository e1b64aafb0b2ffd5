package dev.mlo.oci;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Small images for the tests of this package.
final class Fixtures {
  private Fixtures() {}

  /// An image of one layer, with a name.
  static Descriptor image(LayoutStore store, String name, String content) throws IOException {
    Descriptor image = image(store, content);
    store.tag(name, image);
    return image;
  }

  static Descriptor image(LayoutStore store, String content) throws IOException {
    Descriptor layer = store.blob(MediaTypes.LAYER_TAR, content.getBytes(UTF_8));
    String config =
        """
        {"architecture":"amd64","os":"linux","config":{},\
        "rootfs":{"type":"layers","diff_ids":["%s"]}}\
        """
            .formatted(layer.digest());
    Manifest manifest =
        new Manifest(
            MediaTypes.MANIFEST,
            null,
            store.blob(MediaTypes.CONFIG, config.getBytes(UTF_8)),
            List.of(layer.with("dev.mlo.layer.role", "model")),
            null,
            Map.of());
    return put(store, MediaTypes.MANIFEST, manifest.write());
  }

  static Descriptor put(ImageTarget store, String mediaType, byte[] bytes) throws IOException {
    Descriptor descriptor = Descriptor.of(mediaType, bytes);
    store.manifest(descriptor, bytes);
    return descriptor;
  }

  static Descriptor referrer(LayoutStore store, Descriptor subject, String statement)
      throws IOException {
    Manifest manifest =
        new Manifest(
            MediaTypes.MANIFEST,
            "application/vnd.test",
            store.blob(MediaTypes.EMPTY, "{}".getBytes(UTF_8)),
            List.of(store.blob("text/plain", statement.getBytes(UTF_8))),
            subject.bare(),
            Map.of());
    byte[] bytes = manifest.write();
    Descriptor descriptor = Descriptor.of(MediaTypes.MANIFEST, bytes);
    store.referrer(descriptor, bytes);
    return descriptor;
  }

  /// Changes a file in place as a broken disk would, however it is protected.
  static void overwrite(Path file, byte[] bytes) throws IOException {
    file.toFile().setWritable(true);
    Files.write(file, bytes);
  }
}
