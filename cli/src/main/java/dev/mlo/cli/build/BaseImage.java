package dev.mlo.cli.build;

import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.Images;
import dev.mlo.contract.Labels;
import dev.mlo.oci.Copy;
import dev.mlo.oci.CopyLog;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.ImageName;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.Index;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Objects;

/// An image to stand on, for one platform, where it lies: its documents read, its layers as they
/// are.
///
/// @param digest of the platform's manifest
/// @param layers lowest first; their media types are not known yet
record BaseImage(
    ImageSource source, BaseName name, Digest digest, ImageConfig config, List<Descriptor> layers) {
  BaseImage {
    layers = List.copyOf(layers);
  }

  /// @param text as [BaseName#parse] takes it
  /// @param places where names lead to
  /// @throws Failure USAGE when the text is no name, or there is no image for the platform
  /// @throws dev.mlo.oci.NotFoundException when there is no image of that name
  static BaseImage find(String text, Platform platform, Images places) throws IOException {
    ImageName wanted = BaseName.parse(text);
    Images.Located found = places.open(wanted);
    BaseName name =
        switch (wanted) {
          case ImageName.InRegistry image -> BaseName.of(image);
          case ImageName.InLayout image -> BaseName.of(image, found.name());
          default -> throw new IllegalStateException(text + " is the name of no base");
        };
    return read(found.source(), choose(found, name, platform), name, platform);
  }

  private static Descriptor choose(Images.Located found, BaseName name, Platform platform)
      throws IOException {
    if (!MediaTypes.isIndex(found.root().mediaType())) {
      return found.root();
    }
    Index index = Index.parse(found.source().manifest(found.root()));
    return index.manifests().stream()
        .filter(child -> platform.equals(child.platform()))
        .findFirst()
        .orElseThrow(() ->
            name.unsuitable("it has no image for " + platform)
                .why(
                    "it has "
                        + index.images().stream()
                            .map(Descriptor::platform)
                            .filter(Objects::nonNull)
                            .map(Platform::toString)
                            .toList()));
  }

  private static BaseImage read(
      ImageSource source, Descriptor image, BaseName name, Platform platform) throws IOException {
    if (!MediaTypes.isManifest(image.mediaType())) {
      throw name.unsuitable("%s is no image, but %s".formatted(image.digest(), image.mediaType()));
    }
    Manifest manifest = Manifest.parse(source.manifest(image));
    ImageConfig config = ImageConfig.parse(source.manifest(manifest.config()));
    if (!config.platform().equals(platform)) {
      throw name.unsuitable("it is for %s, not for %s".formatted(config.platform(), platform));
    }
    if (config.diffIds().size() != manifest.layers().size()) {
      throw new DocumentException("image configuration: it names other layers than the manifest");
    }
    return new BaseImage(
        source,
        name,
        image.digest(),
        config,
        manifest.layers().stream().map(Descriptor::bare).toList());
  }

  /// Brings layers into a layout, every byte checked.
  void fetch(Collection<Descriptor> wanted, LayoutStore into, CopyLog log) throws IOException {
    Copy.blobs(
        source,
        wanted.stream()
            .distinct()
            .map(layer -> layer.with(Labels.LAYER_ROLE, Labels.ROLE_BASE))
            .toList(),
        into,
        log);
  }
}
