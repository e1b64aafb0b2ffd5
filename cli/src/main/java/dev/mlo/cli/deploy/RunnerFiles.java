package dev.mlo.cli.deploy;

import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.cli.project.ImageView;
import dev.mlo.contract.Labels;
import dev.mlo.contract.ModelCard;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// The parts of an image that a local runner needs, as folders.
///
/// @param runner the jars of the runner
/// @param backends one folder an engine
/// @param models the model's files and its card
record RunnerFiles(Path runner, Path backends, Path models, ModelCard card, String runnerVersion) {

  /// Unpacks what is not unpacked yet.
  ///
  /// @param display what the person called the image
  static RunnerFiles of(ImageSource source, ImageView image, String display, LayerCache cache)
      throws IOException {
    ModelCard card = image.model(display);
    requirePlatform(image, display);
    List<Digest> diffIds = ImageConfig.parse(source.manifest(image.manifest().config())).diffIds();
    if (diffIds.size() != image.manifest().layers().size()) {
      throw new DocumentException(
          "%s: %d layers, but %d diff ids"
              .formatted(display, image.manifest().layers().size(), diffIds.size()));
    }
    return new RunnerFiles(
        cache
            .unpacked(source, layers(image, diffIds, Labels.ROLE_RUNNER, display))
            .resolve("opt/mlo/runner"),
        cache
            .unpacked(source, layers(image, diffIds, Labels.ROLE_BACKEND, display))
            .resolve("opt/mlo/backends"),
        cache
            .unpacked(source, layers(image, diffIds, Labels.ROLE_MODEL, display))
            .resolve("models"),
        card,
        image.labels().getOrDefault(Labels.RUNNER_VERSION, "unknown"));
  }

  /// Java is this installation's; the engine's libraries are the image's.
  private static void requirePlatform(ImageView image, String display) {
    Platform here = new Platform("linux", Platform.current().architecture());
    if (!image.platform().equals(here)) {
      throw Failure.of(ExitCode.REFUSED, "`%s` cannot be run here".formatted(display))
          .why("it is made for %s, this machine is %s".formatted(image.platform(), here))
          .hint("mlo build --platform %s --platform %s".formatted(here, image.platform()));
    }
  }

  private static void requireKnown(Descriptor layer, String display) {
    if (MediaTypes.isZstd(layer.mediaType())) {
      throw Failure.of(ExitCode.REFUSED, "`%s` cannot be run here".formatted(display))
          .why("its layers are compressed with zstd, which mlo does not unpack")
          .hint("skopeo copy --dest-compress --dest-compress-format gzip FROM TO, then name TO");
    }
  }

  private static List<LayerCache.Layer> layers(
      ImageView image, List<Digest> diffIds, String role, String display) {
    var found = new ArrayList<LayerCache.Layer>();
    for (int i = 0; i < diffIds.size(); i++) {
      ImageView.Layer layer = image.layers().get(i);
      if (layer.role().equals(role)) {
        requireKnown(layer.descriptor(), display);
        found.add(new LayerCache.Layer(layer.descriptor(), diffIds.get(i)));
      }
    }
    if (found.isEmpty()) {
      throw Failure.of(ExitCode.REFUSED, "`%s` cannot be run here".formatted(display))
          .why("it has no layer with the role `" + role + "`")
          .hint("mlo build makes images that have");
    }
    return found;
  }
}
