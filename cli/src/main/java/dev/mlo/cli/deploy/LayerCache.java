package dev.mlo.cli.deploy;

import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.LayerReader;
import dev.mlo.oci.TempFiles;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;

/// Unpacked layers, each set of them once: `CACHE/mlo/layers/sha256-…`. A folder is there when its
/// content is whole, for it is unpacked beside its place and renamed into it.
public final class LayerCache {
  private final Path directory;

  public LayerCache(Path directory) {
    this.directory = directory;
  }

  /// The cache of this user: below `$XDG_CACHE_HOME`, or `~/.cache`.
  public static LayerCache ofUser() {
    return new LayerCache(
        ofUser(System.getenv(), System.getProperty("user.home")).resolve("mlo").resolve("layers"));
  }

  /// @param passwd the home that the system's list of users names; `$HOME` goes before it
  static Path ofUser(Map<String, String> environment, String passwd) {
    String base = environment.getOrDefault("XDG_CACHE_HOME", "");
    String home = environment.getOrDefault("HOME", "");
    return base.isEmpty() ? Path.of(home.isEmpty() ? passwd : home, ".cache") : Path.of(base);
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
    Path temporary = scratch();
    try {
      for (Layer layer : layers) {
        source.read(
            layer.descriptor(),
            in -> LayerReader.unpack(in, layer.diffId(), temporary, LayerReader.Limits.DEFAULT));
      }
      publish(temporary, place);
    } finally {
      TempFiles.delete(temporary);
    }
    return place;
  }

  /// A folder on the disk of the cache that is the caller's to delete. When its process dies before
  /// that, the next one that needs a folder does it.
  Path scratch() throws IOException {
    Files.createDirectories(directory);
    TempFiles temporaries = new TempFiles(directory);
    temporaries.sweep();
    return Files.createDirectory(
        temporaries.fresh(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  /// When another process was faster its folder stays: it has the same content. Java has no
  /// exception of its own for what Linux answers then (`ENOTEMPTY`).
  private static void publish(Path made, Path place) throws IOException {
    try {
      Files.move(made, place, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      if (!Files.isDirectory(place)) {
        throw e;
      }
    }
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
}
