package dev.mlo.cli.deploy;

import dev.mlo.cli.project.ImageView;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.SwapRequest;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageSource;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// An image as a swap needs it: the two documents a runner judges it by, and its layers where they
/// lie.
public final class SwapImage {
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

  /// Reads the documents of an image; of an index, those for this machine's processor.
  ///
  /// @param name what a person calls the image
  /// @throws dev.mlo.cli.failure.Failure when it holds no model
  public static SwapImage load(String name, ImageSource source, Descriptor root)
      throws IOException {
    ImageView view = ImageView.read(source, root);
    return new SwapImage(
        name,
        view.image().digest(),
        source.manifest(view.image()),
        source.manifest(view.manifest().config()),
        view.manifest().layers(),
        view.model(name),
        source);
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
