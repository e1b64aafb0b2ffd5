package dev.mlo.cli.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mlo.cli.failure.ExitCode;
import dev.mlo.cli.failure.Failure;
import dev.mlo.contract.Labels;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.SwapRequest;
import dev.mlo.json.Json;
import dev.mlo.json.JsonFormatException;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.Index;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An image as a swap needs it: the two documents a runner judges it by, and its layers where they
/// lie.
public final class SwapImage {
  private static final int MAX_CONFIG = 4 << 20;

  private final String name;
  private final Digest digest;
  private final byte[] manifest;
  private final byte[] config;
  private final List<Descriptor> layers;
  private final ModelCard card;
  private final ImageSource source;

  private SwapImage(
      String name,
      Digest digest,
      byte[] manifest,
      byte[] config,
      List<Descriptor> layers,
      ModelCard card,
      ImageSource source) {
    this.name = name;
    this.digest = digest;
    this.manifest = manifest;
    this.config = config;
    this.layers = layers;
    this.card = card;
    this.source = source;
  }

  /// Reads the documents of an image; of an index, those of this machine's platform.
  ///
  /// @param name what a person calls the image
  /// @throws Failure when it holds no model
  public static SwapImage load(String name, ImageSource source, Descriptor root)
      throws IOException {
    Descriptor image = MediaTypes.isIndex(root.mediaType()) ? pick(name, source, root) : root;
    byte[] bytes = source.manifest(image);
    Manifest manifest = Manifest.parse(bytes);
    byte[] config = config(name, source, manifest.config());
    return new SwapImage(
        name, image.digest(), bytes, config, manifest.layers(), card(name, config), source);
  }

  private static Descriptor pick(String name, ImageSource source, Descriptor root)
      throws IOException {
    List<Descriptor> images =
        Index.parse(source.manifest(root)).manifests().stream()
            .filter(m -> m.artifactType() == null)
            .toList();
    Platform wanted = new Platform("linux", Platform.current().architecture());
    return images.stream()
        .filter(m -> wanted.equals(m.platform()))
        .findFirst()
        .or(() -> images.size() == 1 ? Optional.of(images.getFirst()) : Optional.empty())
        .orElseThrow(() ->
            Failure.of(ExitCode.NOT_FOUND, "`%s` has no image for %s".formatted(name, wanted))
                .why("it has " + images.stream().map(m -> String.valueOf(m.platform())).toList()));
  }

  private static byte[] config(String name, ImageSource source, Descriptor config)
      throws IOException {
    if (config.size() > MAX_CONFIG) {
      throw noModel(name, "its configuration has " + config.size() + " bytes");
    }
    try (InputStream in = source.blob(config)) {
      return in.readAllBytes();
    }
  }

  private static ModelCard card(String name, byte[] config) {
    try {
      JsonNode label = Json.parse(config).path("config").path("Labels").path(Labels.CARD);
      if (!label.isTextual()) {
        throw noModel(name, "its configuration has no label " + Labels.CARD);
      }
      return Json.parse(label.textValue().getBytes(StandardCharsets.UTF_8), ModelCard.class);
    } catch (JsonFormatException e) {
      throw noModel(name, "its model card cannot be understood: " + e.getMessage());
    }
  }

  private static Failure noModel(String name, String why) {
    return Failure.of(ExitCode.REFUSED, "`%s` is no image made by mlo build".formatted(name))
        .why(why)
        .hint("mlo inspect " + name);
  }

  public String name() {
    return name;
  }

  /// Of the manifest a runner is asked to serve.
  public Digest digest() {
    return digest;
  }

  public ModelCard card() {
    return card;
  }

  /// Its model, for people: `iris 2.0.0`.
  String model() {
    return card.name() + " " + card.version();
  }

  ImageSource source() {
    return source;
  }

  /// The layer of this digest and size; nothing else of the store is ever sent.
  Optional<Descriptor> layer(String wanted, long size) {
    return layers.stream()
        .filter(layer -> layer.digest().toString().equals(wanted) && layer.size() == size)
        .findFirst();
  }

  SwapRequest request(
      long generation, boolean allowSignatureChange, boolean dryRun, @Nullable String reason) {
    Base64.Encoder base64 = Base64.getEncoder();
    return new SwapRequest(
        name,
        digest.toString(),
        base64.encodeToString(manifest),
        base64.encodeToString(config),
        generation,
        allowSignatureChange,
        dryRun,
        reason);
  }
}
