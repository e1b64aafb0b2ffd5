package dev.mlo.cli.deploy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mlo.contract.Labels;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.ServeSettings;
import dev.mlo.contract.Signature;
import dev.mlo.json.Json;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.DigestMismatchException;
import dev.mlo.oci.ImageSource;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.NotFoundException;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An image `iris:2.0.0` in memory: one runner layer, two model layers.
final class TestImage implements ImageSource {
  static final String MODEL_DIGEST = "sha256:" + "2".repeat(64);

  private final Map<Digest, byte[]> blobs = new HashMap<>();
  private final Map<Digest, byte[]> damaged = new HashMap<>();
  private int reads;
  private final Descriptor root;
  final Descriptor runner;
  final Descriptor small;
  final Descriptor large;

  TestImage() {
    runner = layer("the runner", "runner");
    small = layer("the small files of a model", "model");
    large = layer("weight".repeat(200_000), "model");
    ObjectNode config = Json.object().put("os", "linux").put("architecture", "amd64");
    config
        .putObject("config")
        .putObject("Labels")
        .put(Labels.CARD, new String(Json.compact(card()), StandardCharsets.UTF_8));
    Manifest manifest =
        new Manifest(
            MediaTypes.MANIFEST,
            null,
            put(MediaTypes.CONFIG, Json.compact(config)),
            List.of(runner, small, large),
            null,
            Map.of());
    root = put(MediaTypes.MANIFEST, manifest.write());
  }

  private static ModelCard card() {
    return new ModelCard(
        ModelCard.SCHEMA,
        "iris",
        "2.0.0",
        null,
        null,
        List.of(),
        Map.of(),
        "onnx",
        "model.onnx",
        new Signature(List.of(), List.of()),
        null,
        List.of(),
        MODEL_DIGEST,
        List.of(),
        ServeSettings.DEFAULT,
        null);
  }

  SwapImage load() throws IOException {
    return SwapImage.load("iris:2.0.0", this, root);
  }

  /// Other bytes of the same length under the same digest.
  void damage(Descriptor layer) {
    damage(layer, Integer.MAX_VALUE);
  }

  /// Other bytes for so many reads, as from a wire that is bad for a while.
  void damage(Descriptor layer, int times) {
    damaged.put(layer.digest(), new byte[(int) layer.size()]);
    reads = times;
  }

  private Descriptor layer(String content, String role) {
    return put(MediaTypes.LAYER_TAR, content.getBytes(StandardCharsets.UTF_8))
        .with(Labels.LAYER_ROLE, role);
  }

  private Descriptor put(String mediaType, byte[] bytes) {
    blobs.put(Digest.sha256(bytes), bytes);
    return Descriptor.of(mediaType, bytes);
  }

  @Override
  public Descriptor resolve(String reference) throws IOException {
    throw new NotFoundException(reference);
  }

  @Override
  public byte[] manifest(Descriptor descriptor) throws IOException {
    return blob(descriptor).readAllBytes();
  }

  @Override
  public InputStream blob(Descriptor descriptor) throws IOException {
    byte[] good = blobs.get(descriptor.digest());
    if (good == null) {
      throw new NotFoundException(descriptor.digest().toString());
    }
    byte[] bytes = damaged.getOrDefault(descriptor.digest(), good);
    if (damaged.containsKey(descriptor.digest()) && --reads == 0) {
      damaged.clear();
    }
    boolean whole = descriptor.digest().matches(bytes);
    return new FilterInputStream(new ByteArrayInputStream(bytes)) {
      @Override
      public int read(byte[] buffer, int offset, int length) throws IOException {
        int n = super.read(buffer, offset, length);
        if (!whole && in.available() == 0) {
          throw new DigestMismatchException(descriptor.digest() + " has other bytes");
        }
        return n;
      }
    };
  }

  @Override
  public void again(Descriptor descriptor, int attempt, DigestMismatchException failure)
      throws IOException {
    if (damaged.containsKey(descriptor.digest())) {
      throw failure;
    }
  }

  @Override
  public Optional<Path> file(Descriptor descriptor) {
    return Optional.empty();
  }

  @Override
  public List<Descriptor> referrers(Digest subject) {
    return List.of();
  }

  @Override
  public String describe() {
    return "memory";
  }
}
