package dev.mlo.cli.deploy;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.LayerReader;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.TempFiles;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Unpacked layers, each set of them once: `CACHE/mlo/layers/sha256-…`. A folder is there when its
/// content is whole, for it is unpacked beside its place and renamed into it. Who gets a folder
/// uses it until his process ends; it was last used when it was last changed.
public final class LayerCache {
  private static final Pattern FOLDER = Pattern.compile("(?:sha256|sha512|chain)-[0-9a-f]{64,128}");

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
    String name = name(layers);
    Path place = directory.resolve(name);
    if (Files.isDirectory(place) && !Files.isWritable(directory)) {
      // Whoever cannot write here cannot remove it either.
      return place;
    }
    Files.createDirectories(directory);
    LayerUses.of(directory).use(name);
    if (Files.isDirectory(place)) {
      Files.setLastModifiedTime(place, FileTime.from(Instant.now()));
      return place;
    }
    Path temporary = scratch();
    try {
      for (Layer layer : layers) {
        source.read(
            layer.descriptor(),
            in ->
                LayerReader.unpack(
                    in, layer.descriptor(), layer.diffId(), temporary, LayerReader.Limits.DEFAULT));
      }
      publish(temporary, place);
    } finally {
      TempFiles.delete(temporary);
    }
    return place;
  }

  public Path directory() {
    return directory;
  }

  /// Removes what nobody uses and nobody has used since a moment, and what processes left that are
  /// no more.
  ///
  /// @param dryRun only say what would go
  /// @return of the folders
  public LayoutStore.Collected sweep(Instant moment, boolean dryRun) throws IOException {
    if (!Files.isDirectory(directory)) {
      return new LayoutStore.Collected(0, 0, Set.of());
    }
    TempFiles temporaries = new TempFiles(directory);
    LayerUses uses = LayerUses.of(directory);
    var removed = new HashSet<Path>();
    long bytes = 0;
    for (Path folder : unusedSince(moment)) {
      Path grave = temporaries.fresh();
      long size = size(folder);
      boolean gone =
          uses.ifUnused(
              String.valueOf(folder.getFileName()),
              () -> {
                if (!dryRun) {
                  Files.move(folder, grave, StandardCopyOption.ATOMIC_MOVE);
                }
              });
      if (gone) {
        removed.add(folder);
        bytes += size;
        TempFiles.delete(grave);
      }
    }
    if (!dryRun) {
      temporaries.sweep();
    }
    return new LayoutStore.Collected(removed.size(), bytes, removed);
  }

  private List<Path> unusedSince(Instant moment) throws IOException {
    var found = new ArrayList<Path>();
    try (Stream<Path> folders = Files.list(directory)) {
      for (Path folder : folders.sorted().toList()) {
        if (FOLDER.matcher(String.valueOf(folder.getFileName())).matches()
            && Files.getLastModifiedTime(folder).toInstant().isBefore(moment)) {
          found.add(folder);
        }
      }
    }
    return found;
  }

  private static long size(Path folder) throws IOException {
    long size = 0;
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(path -> Files.isRegularFile(path, NOFOLLOW_LINKS)).toList()) {
        size += Files.size(file);
      }
    }
    return size;
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
