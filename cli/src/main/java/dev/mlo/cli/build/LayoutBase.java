package dev.mlo.cli.build;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.ImageName;
import dev.mlo.oci.Index;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// An image in an OCI layout on this disk, as `skopeo copy` or `crane pull` leave one.
final class LayoutBase implements BaseSource {
  static final String PREFIX = "oci:";

  private final ImageName.InLayout name;
  private final LayoutStore layout;

  private LayoutBase(ImageName.InLayout name, LayoutStore layout) {
    this.name = name;
    this.layout = layout;
  }

  /// @param text `oci:DIR`, `oci:DIR:NAME` or `oci:DIR@sha256:…`
  /// @throws Failure USAGE when the text is none of these
  /// @throws dev.mlo.oci.NotFoundException when there is no layout
  static LayoutBase open(String text) throws IOException {
    try {
      if (ImageName.parse(text) instanceof ImageName.InLayout name) {
        return new LayoutBase(name, LayoutStore.open(name.directory()));
      }
      throw new IllegalArgumentException("it names no layout");
    } catch (IllegalArgumentException e) {
      throw Failure.of(ExitCode.USAGE, "`%s` is no image to stand on".formatted(text))
          .why(String.valueOf(e.getMessage()))
          .hint("mlo runner build --base oci:DIR:NAME")
          .cause(e);
    }
  }

  @Override
  public Found find(Platform platform) throws IOException {
    String reference = reference();
    Descriptor image = choose(layout.resolve(reference), platform);
    if (!MediaTypes.isManifest(image.mediaType())) {
      throw unsuitable("%s is no image, but %s".formatted(image.digest(), image.mediaType()));
    }
    Manifest manifest = Manifest.parse(layout.manifest(image));
    ImageConfig config = ImageConfig.parse(layout.manifest(manifest.config()));
    if (!config.platform().equals(platform)) {
      throw unsuitable("it is for %s, not for %s".formatted(config.platform(), platform));
    }
    if (config.diffIds().size() != manifest.layers().size()) {
      throw new DocumentException("image configuration: it names other layers than the manifest");
    }
    return new Found(
        name.toString(),
        Digest.isDigest(reference) ? "oci" : PREFIX + reference,
        image.digest(),
        config,
        manifest.layers().stream().map(Descriptor::bare).toList());
  }

  /// What the base is called in the layout: the name that was given, else the only one.
  private String reference() throws IOException {
    if (name.reference() != null) {
      return name.reference();
    }
    Map<String, Descriptor> names = layout.tags();
    if (names.isEmpty()) {
      throw unsuitable("no image in it has a name")
          .hint("mlo runner build --base %s@sha256:…".formatted(name));
    }
    if (names.values().stream().map(Descriptor::digest).distinct().count() > 1) {
      throw unsuitable("it holds several images: " + String.join(", ", names.keySet()))
          .hint("mlo runner build --base %s:%s".formatted(name, names.keySet().iterator().next()));
    }
    return names.keySet().iterator().next();
  }

  private Descriptor choose(Descriptor root, Platform platform) throws IOException {
    if (!MediaTypes.isIndex(root.mediaType())) {
      return root;
    }
    List<Descriptor> children = Index.parse(layout.manifest(root)).manifests();
    return children.stream()
        .filter(child -> platform.equals(child.platform()))
        .findFirst()
        .orElseThrow(() ->
            unsuitable("it has no image for " + platform)
                .why(
                    "it has "
                        + children.stream()
                            .map(Descriptor::platform)
                            .filter(Objects::nonNull)
                            .map(Platform::toString)
                            .toList()));
  }

  private Failure unsuitable(String why) {
    return RegistryAnswer.unsuitable(name.toString(), why);
  }

  @Override
  public void fetch(Descriptor layer, String what, LayoutStore into) throws IOException {
    into.blob(layer, layout);
  }

  @Override
  public void close() {}
}
