package dev.mlo.runner.model;

import dev.mlo.contract.SwapReport;
import dev.mlo.json.Json;
import dev.mlo.oci.Digest;
import dev.mlo.oci.LayerReader;
import dev.mlo.oci.OciException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The versions that came in by a swap. `layers/sha256-DIFFID/` holds an unpacked layer once,
/// `versions/sha256-IMAGE/` hard links to the files of its layers, so that versions which share a
/// large file share it on disk too. A directory under its final name is complete.
public final class VersionStore {
  private static final String MODELS = "models";

  private final BlobStore blobs;
  private final Path layers;
  private final Path versions;

  /// @param layers the diff ids a version stands on
  private record Parts(String image, String imageDigest, List<String> layers) {}

  public VersionStore(Path state, BlobStore blobs) throws IOException {
    this.blobs = blobs;
    this.layers = Files.createDirectories(state.resolve("layers"));
    this.versions = Files.createDirectories(state.resolve("versions"));
  }

  /// The layers that would have to be sent before this version could be put together.
  public List<SwapReport.Blob> missing(Offer offer) {
    return offer.layers().stream()
        .filter(layer -> !Files.isDirectory(layerDirectory(layer.diffId())))
        .map(Offer.Layer::blob)
        .filter(blob -> !blobs.has(blob.digest()))
        .map(blob -> new SwapReport.Blob(blob.digest().toString(), blob.size()))
        .distinct()
        .toList();
  }

  /// Free bytes where versions lie.
  public long freeBytes() throws IOException {
    return Files.getFileStore(versions).getUsableSpace();
  }

  /// Unpacks what is not unpacked yet, puts the version's directory together and verifies it.
  ///
  /// @throws VersionException when a layer holds what it must not, or files are not the card's
  public ModelVersion assemble(Offer offer) throws IOException, VersionException {
    for (Offer.Layer layer : offer.layers()) {
      unpack(layer, limits(offer));
    }
    Path target = versions.resolve(name(Digest.parse(offer.digest())));
    Durable.deleteTree(target);
    Path temporary = versions.resolve(".tmp-" + target.getFileName());
    Durable.deleteTree(temporary);
    Files.createDirectories(temporary.resolve(MODELS));
    for (Offer.Layer layer : offer.layers()) {
      link(layerDirectory(layer.diffId()), temporary);
    }
    List<String> diffIds =
        offer.layers().stream().map(layer -> layer.diffId().toString()).distinct().toList();
    Durable.write(
        temporary.resolve("version.json"),
        Json.pretty(new Parts(offer.image(), offer.digest(), diffIds)));
    Durable.rename(temporary, target);
    ModelVersion version = open(offer.digest(), offer.image());
    if (!version.card().equals(offer.card())) {
      throw new VersionException(
          "card_mismatch", "the card in the model's layer is not the card of the image's label");
    }
    return version;
  }

  /// A version put together before, verified anew.
  public ModelVersion open(String imageDigest, String image) throws IOException, VersionException {
    Path directory = versions.resolve(name(Digest.parse(imageDigest))).resolve(MODELS);
    return ModelVersion.verified(directory, image, imageDigest, false);
  }

  /// What a layer may unpack to: the files its card names, and room for examples and headers.
  private static LayerReader.Limits limits(Offer offer) {
    long files = offer.card().files().stream().mapToLong(file -> file.size()).sum();
    return new LayerReader.Limits(
        Math.max(files, offer.bytes()) + (64L << 20), offer.card().files().size() * 4 + 10_000);
  }

  private void unpack(Offer.Layer layer, LayerReader.Limits limits)
      throws IOException, VersionException {
    Path target = layerDirectory(layer.diffId());
    if (!Files.isDirectory(target)) {
      Path temporary = layers.resolve(".tmp-" + layer.diffId().hex());
      Durable.deleteTree(temporary);
      try (InputStream in = Files.newInputStream(blobs.file(layer.blob().digest()))) {
        LayerReader.unpack(in, layer.diffId(), temporary, limits);
        syncTree(temporary);
        Durable.rename(temporary, target);
      } catch (OciException e) {
        Durable.deleteTree(temporary);
        throw new VersionException("unpack_unsafe", String.valueOf(e.getMessage()), e);
      }
    }
    blobs.delete(layer.blob().digest());
  }

  private static void syncTree(Path root) throws IOException {
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            Durable.syncDirectory(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /// Hard-links the plain files below `models`; whatever else a layer holds is left behind, and the
  /// card's list then misses it.
  private static void link(Path layer, Path version) throws IOException {
    Path models = layer.resolve(MODELS);
    if (!Files.isDirectory(models)) {
      return;
    }
    Files.walkFileTree(
        models,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            Files.createDirectories(version.resolve(layer.relativize(directory).toString()));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile()) {
              Files.createLink(version.resolve(layer.relativize(file).toString()), file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    syncTree(version);
  }

  /// Deletes every version but these, the layers none of them needs, and what was left half made.
  ///
  /// @param imageDigests of the versions to keep
  public void keepOnly(Collection<String> imageDigests) throws IOException {
    var keptVersions = new HashSet<String>();
    var keptLayers = new HashSet<String>();
    for (String digest : imageDigests) {
      String name = name(Digest.parse(digest));
      Path parts = versions.resolve(name).resolve("version.json");
      if (Files.isRegularFile(parts)) {
        keptVersions.add(name);
        Json.parse(Files.readAllBytes(parts), Parts.class)
            .layers()
            .forEach(diffId -> keptLayers.add(name(Digest.parse(diffId))));
      }
    }
    deleteAllBut(versions, keptVersions);
    deleteAllBut(layers, keptLayers);
  }

  private static void deleteAllBut(Path directory, Set<String> names) throws IOException {
    try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
      for (Path child : children) {
        if (!names.contains(child.getFileName().toString())) {
          Durable.deleteTree(child);
        }
      }
    }
  }

  private Path layerDirectory(Digest diffId) {
    return layers.resolve(name(diffId));
  }

  private static String name(Digest digest) {
    return digest.algorithm() + "-" + digest.hex();
  }
}
