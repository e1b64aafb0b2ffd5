package dev.mlo.cli.deploy;

import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.LayerReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/// Unpacked layers, each set of them once: `CACHE/mlo/layers/sha256-…`. A folder is there when its
/// content is whole, for it is unpacked beside its place and renamed into it.
public final class LayerCache {
  private final Path directory;

  public LayerCache(Path directory) {
    this.directory = directory;
  }

  /// The cache of this user: below `$XDG_CACHE_HOME`, or `~/.cache`.
  public static LayerCache ofUser() {
    String base = System.getenv("XDG_CACHE_HOME");
    Path cache =
        base == null || base.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(base);
    return new LayerCache(cache.resolve("mlo").resolve("layers"));
  }

  /// A layer and the digest its unpacked tar must have.
  public record Layer(Descriptor descriptor, Digest diffId) {}

  /// The folder that holds these layers, one laid upon the other.
  ///
  /// @throws dev.mlo.oci.OciException when a layer is missing, damaged or hostile
  public Path unpacked(ImageSource source, List<Layer> layers) throws IOException {
    Path place = directory.resolve(name(layers));
    if (Files.isDirectory(place)) {
      return place;
    }
    Files.createDirectories(directory);
    Path temporary = Files.createTempDirectory(directory, ".unpacking-");
    try {
      for (Layer layer : layers) {
        try (InputStream in = source.blob(layer.descriptor())) {
          LayerReader.unpack(in, layer.diffId(), temporary, LayerReader.Limits.DEFAULT);
        }
      }
      Files.move(temporary, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
      // Another process was faster; its folder has the same content.
    } finally {
      delete(temporary);
    }
    return place;
  }

  private static String name(List<Layer> layers) {
    if (layers.size() == 1) {
      Digest only = layers.getFirst().diffId();
      return only.algorithm() + "-" + only.hex();
    }
    MessageDigest chain = Digest.hasher("sha256");
    layers.forEach(layer ->
        chain.update((layer.diffId() + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    return "chain-" + Digest.of("sha256", chain.digest()).hex();
  }

  /// Removes a folder with all it holds, if it is there.
  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
