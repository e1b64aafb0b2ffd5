package dev.mlo.cli.project;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.Labels;
import dev.mlo.contract.LayerRole;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.Printable;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.Index;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An image as one platform sees it: its manifest, what its configuration says, and the model card
/// when it is a model's image.
///
/// @param root what the name points at: the manifest itself or the index it was chosen from
/// @param image the manifest's descriptor
/// @param platforms all that the name has an image for
/// @param layers of the manifest, with what each is there for
public record ImageView(
    Descriptor root,
    Descriptor image,
    Manifest manifest,
    Platform platform,
    Map<String, String> labels,
    @Nullable ModelCard card,
    List<Platform> platforms,
    List<Layer> layers) {

  /// A layer and what it is there for.
  ///
  /// @param role `base`, `jre`, `runner`, `backend`, `model`; empty when nobody said
  /// @param format the model format of an engine's layer; empty for others
  public record Layer(String role, String format, Descriptor descriptor) {}

  private static final Platform WANTED = new Platform("linux", Platform.current().architecture());

  /// Reads the documents; of an index, those for this machine's processor.
  ///
  /// @throws Failure NOT_FOUND when there is none for it
  /// @throws DocumentException when a document is malformed
  public static ImageView read(ImageSource source, Descriptor root) throws IOException {
    List<Descriptor> images = images(source, root);
    return of(source, root, images, choose(images));
  }

  /// The same for whoever only looks: where there is none for this machine, the first one.
  ///
  /// @throws Failure NOT_FOUND when the index lists no image
  public static ImageView look(ImageSource source, Descriptor root) throws IOException {
    List<Descriptor> images = images(source, root);
    boolean elsewhere = own(images).isEmpty() && !images.isEmpty();
    return of(source, root, images, elsewhere ? images.getFirst() : choose(images));
  }

  private static ImageView of(
      ImageSource source, Descriptor root, List<Descriptor> images, Descriptor image)
      throws IOException {
    Manifest manifest = Manifest.parse(source.manifest(image));
    if (manifest.artifactType() != null
        && !manifest.config().mediaType().equals(MediaTypes.CONFIG)) {
      throw Failure.of(ExitCode.REFUSED, image.digest() + " is no image")
          .why("it is an artifact of type " + Printable.of(manifest.artifactType()));
    }
    ImageConfig config = ImageConfig.parse(source.manifest(manifest.config()));
    return new ImageView(
        root,
        image,
        manifest,
        config.platform(),
        config.labels(),
        card(config.labels()),
        images.size() == 1
            ? List.of(config.platform())
            : images.stream().map(Descriptor::platform).filter(Objects::nonNull).toList(),
        layers(manifest, config));
  }

  private static List<Layer> layers(Manifest manifest, ImageConfig config) {
    List<LayerRole> roles =
        LayerRole.of(
            manifest.layers().stream().map(Descriptor::annotations).toList(), config.history());
    var layers = new ArrayList<Layer>();
    for (int i = 0; i < roles.size(); i++) {
      LayerRole said = roles.get(i);
      layers.add(new Layer(said.role(), said.format(), manifest.layers().get(i)));
    }
    return List.copyOf(layers);
  }

  private static List<Descriptor> images(ImageSource source, Descriptor root) throws IOException {
    return MediaTypes.isIndex(root.mediaType())
        ? Index.parse(source.manifest(root)).images()
        : List.of(root);
  }

  private static Optional<Descriptor> own(List<Descriptor> images) {
    return images.stream().filter(child -> WANTED.equals(child.platform())).findFirst();
  }

  private static Descriptor choose(List<Descriptor> images) {
    if (images.isEmpty()) {
      throw Failure.of(ExitCode.NOT_FOUND, "the image is not made for " + WANTED)
          .why("its index lists no image at all");
    }
    return own(images)
        .or(() -> images.size() == 1 ? Optional.of(images.getFirst()) : Optional.empty())
        .orElseThrow(() ->
            Failure.of(ExitCode.NOT_FOUND, "the image is not made for " + WANTED)
                .why(
                    "it is made for "
                        + images.stream().map(child -> String.valueOf(child.platform())).toList()));
  }

  private static @Nullable ModelCard card(Map<String, String> labels) throws DocumentException {
    @Nullable String text = labels.get(Labels.CARD);
    if (text == null) {
      return null;
    }
    try {
      return Json.parse(text.getBytes(StandardCharsets.UTF_8), ModelCard.class);
    } catch (JsonFormatException e) {
      throw new DocumentException("the model card cannot be understood: " + e.getMessage());
    }
  }

  /// The card of an image that must be a model's.
  ///
  /// @param display what the person called it
  /// @throws Failure REFUSED when it has none
  public ModelCard model(String display) {
    if (card == null) {
      throw Failure.of(ExitCode.REFUSED, "`" + display + "` holds no model")
          .why("its configuration has no label " + Labels.CARD)
          .hint("mlo build makes images that do");
    }
    return card;
  }

  /// Bytes of the manifest, the configuration and all layers, as they are stored.
  public long size() {
    return image.size()
        + manifest.config().size()
        + manifest.layers().stream().mapToLong(Descriptor::size).sum();
  }
}
