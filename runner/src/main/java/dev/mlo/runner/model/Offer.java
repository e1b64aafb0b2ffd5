package dev.mlo.runner.model;

import dev.mlo.contract.Labels;
import dev.mlo.contract.LayerRole;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.SwapRequest;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DocumentException;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.Platform;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A version that somebody offers: everything that is known of it before one byte of its model
/// moves. Manifest and configuration matched their digests.
///
/// @param digest of the manifest
/// @param layers the layers of role `model`, in order
public record Offer(String image, String digest, ModelCard card, List<Layer> layers) {
  /// @param diffId the digest of the layer's uncompressed tar
  public record Layer(Descriptor blob, Digest diffId) {}

  public Offer {
    layers = List.copyOf(layers);
  }

  /// Bytes of all layers as they are sent.
  public long bytes() {
    return layers.stream().mapToLong(layer -> layer.blob().size()).sum();
  }

  /// @throws VersionException when digests do not match, the image is for another platform, or it
  ///   is no model image
  public static Offer read(SwapRequest request) throws VersionException {
    try {
      Digest digest = Digest.parse(request.digest());
      byte[] bytes = request.manifestBytes();
      byte[] config = request.configBytes();
      expect(digest.matches(bytes), "digest_mismatch", "the manifest's bytes are not " + digest);
      Manifest manifest = Manifest.parse(bytes);
      expect(
          manifest.config().digest().matches(config),
          "digest_mismatch",
          "the configuration's bytes are not " + manifest.config().digest());
      ImageConfig image = ImageConfig.parse(config);
      checkPlatform(image.platform());
      return new Offer(request.image(), digest.toString(), card(image), layers(manifest, image));
    } catch (IllegalArgumentException | DocumentException e) {
      throw new VersionException("malformed_image", String.valueOf(e.getMessage()), e);
    }
  }

  private static void expect(boolean holds, String code, String message) throws VersionException {
    if (!holds) {
      throw new VersionException(code, message);
    }
  }

  private static void checkPlatform(Platform theirs) throws VersionException {
    Platform ours = Platform.current();
    expect(
        theirs.equals(ours),
        "wrong_platform",
        "the image is for %s, this runner runs on %s".formatted(theirs, ours));
  }

  private static ModelCard card(ImageConfig config) throws VersionException, DocumentException {
    String label = config.labels().get(Labels.CARD);
    if (label == null) {
      throw new VersionException("card_missing", "the image has no label " + Labels.CARD);
    }
    return Cards.parse(label.getBytes(StandardCharsets.UTF_8));
  }

  private static List<Layer> layers(Manifest manifest, ImageConfig config)
      throws VersionException, DocumentException {
    List<Digest> diffIds = config.diffIds();
    expect(
        diffIds.size() == manifest.layers().size(),
        "malformed_image",
        "the image has %d layers and %d diff ids"
            .formatted(manifest.layers().size(), diffIds.size()));
    List<LayerRole> roles =
        LayerRole.of(
            manifest.layers().stream().map(Descriptor::annotations).toList(), config.history());
    var layers = new ArrayList<Layer>();
    for (int i = 0; i < manifest.layers().size(); i++) {
      Descriptor blob = manifest.layers().get(i);
      if (Labels.ROLE_MODEL.equals(roles.get(i).role())) {
        expect(
            !MediaTypes.isZstd(blob.mediaType()),
            "malformed_image",
            "the model's layers are compressed with zstd, which a runner does not unpack");
        layers.add(new Layer(blob.bare(), diffIds.get(i)));
      }
    }
    expect(!layers.isEmpty(), "malformed_image", "the image has no layer of role model");
    return layers;
  }
}
