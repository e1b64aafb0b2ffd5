package dev.mlo.runner;

import dev.mlo.backend.Session;
import dev.mlo.backend.onnx.OnnxBackend;
import dev.mlo.contract.DataType;
import dev.mlo.contract.Labels;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.ServeSettings;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Signature;
import dev.mlo.contract.SwapRequest;
import dev.mlo.contract.TensorSpec;
import dev.mlo.json.Json;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.LayerWriter;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import dev.mlo.oci.Platform;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// An image of the fake engine's model, made in memory: what `mlo build` would have made.
final class ModelImage {
  private static final String REQUEST = "mlops.examples/0.request.json";
  private static final String RESPONSE = "mlops.examples/0.response.json";

  private final ModelCard card;
  private final Map<String, byte[]> files = new TreeMap<>();
  private final byte[] layer;
  private final byte[] config;
  private final byte[] manifest;

  private ModelImage(ModelCard card, Map<String, byte[]> content) {
    this.card = card;
    this.files.putAll(content);
    this.files.put(Labels.CARD_FILE, Json.compact(card));
    var writer = new LayerWriter();
    files.forEach((path, bytes) -> writer.file("models/" + path, 0644, bytes));
    var tar = new ByteArrayOutputStream();
    try {
      writer.writeTo(tar);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.layer = tar.toByteArray();
    this.config =
        ImageConfig.of(Platform.current(), ImageConfig.EPOCH, Json.object())
            .withLabel(Labels.CARD, new String(Json.compact(card), StandardCharsets.UTF_8))
            .withLayer(Digest.sha256(layer), "model")
            .write();
    this.manifest =
        new Manifest(
                MediaTypes.MANIFEST,
                null,
                Descriptor.of(MediaTypes.CONFIG, config),
                List.of(
                    Descriptor.of(MediaTypes.LAYER_TAR, layer)
                        .with(Labels.LAYER_ROLE, Labels.ROLE_MODEL)),
                null,
                Map.of())
            .write();
  }

  /// A model that adds `add`, and whose example says so.
  static ModelImage adding(String version, int add) {
    return of("adder", version, "add=" + add, DataType.FP32, add);
  }

  /// A model whose example expects another answer than it gives.
  static ModelImage wrong(String version) {
    return of("adder", version, "add=1", DataType.FP32, 2);
  }

  /// @param model lines of the model file
  /// @param expectedAdd what the golden example expects
  static ModelImage of(
      String name, String version, String model, DataType datatype, float expectedAdd) {
    byte[] entry = model.getBytes(StandardCharsets.UTF_8);
    byte[] request = tensor("inputs", "x", datatype, 1);
    byte[] response = tensor("outputs", "y", datatype, 1 + expectedAdd);
    var signature =
        new Signature(
            List.of(new TensorSpec("x", datatype, Shape.of(-1))),
            List.of(new TensorSpec("y", datatype, Shape.of(-1))));
    return of(name, version, "fake", "model.txt", entry, signature, request, response, 1e-6);
  }

  private static ModelImage of(
      String name,
      String version,
      String format,
      String entry,
      byte[] model,
      Signature signature,
      byte[] request,
      byte[] response,
      double tolerance) {
    var example =
        new ModelCard.Example(
            REQUEST,
            RESPONSE,
            tolerance,
            Digest.sha256(request).toString(),
            Digest.sha256(response).toString());
    return new ModelImage(
        card(name, version, format, entry, model, signature, List.of(example)),
        Map.of(entry, model, REQUEST, request, RESPONSE, response));
  }

  private static ModelCard card(
      String name,
      String version,
      String format,
      String entry,
      byte[] model,
      Signature signature,
      List<ModelCard.Example> examples) {
    Digest digest = Digest.sha256(model);
    return new ModelCard(
        ModelCard.SCHEMA,
        name,
        version,
        null,
        null,
        List.of(),
        Map.of(),
        format,
        entry,
        signature,
        null,
        List.of(new ModelCard.File(entry, model.length, digest.toString())),
        Digest.sha256(digest.toString().getBytes(StandardCharsets.UTF_8)).toString(),
        examples,
        ServeSettings.DEFAULT,
        null);
  }

  /// The same model with another description and labels.
  ModelImage described(String description, Map<String, String> labels) {
    return with(description, labels, card.examples());
  }

  ModelImage withoutExamples() {
    return with(card.description(), card.labels(), List.of());
  }

  private ModelImage with(
      @Nullable String description, Map<String, String> labels, List<ModelCard.Example> examples) {
    var other =
        new ModelCard(
            card.schema(),
            card.name(),
            card.version(),
            description,
            card.license(),
            card.authors(),
            labels,
            card.format(),
            card.entry(),
            card.signature(),
            card.parameters(),
            card.files(),
            card.digest(),
            examples,
            card.serve(),
            card.provenance());
    return new ModelImage(other, files);
  }

  /// One of the ONNX examples of this repository.
  static ModelImage onnx(Path project, String name, String version) throws Exception {
    return onnx(project, name, version, new byte[0]);
  }

  /// @param tail what somebody added to the model before they wrote a card that fits
  static ModelImage onnx(Path project, String name, String version, byte[] tail) throws Exception {
    Signature signature;
    try (Session session = new OnnxBackend().open(project, "model.onnx", 1)) {
      signature = session.signature();
    }
    return of(
        name,
        version,
        "onnx",
        "model.onnx",
        joined(Files.readAllBytes(project.resolve("model.onnx")), tail),
        signature,
        Files.readAllBytes(project.resolve("examples/one.json")),
        Files.readAllBytes(project.resolve("examples/one.expected.json")),
        1e-4);
  }

  /// Any ONNX model, without examples.
  static ModelImage bare(Path directory, String name) throws Exception {
    Signature signature;
    try (Session session = new OnnxBackend().open(directory, "model.onnx", 1)) {
      signature = session.signature();
    }
    byte[] model = Files.readAllBytes(directory.resolve("model.onnx"));
    return new ModelImage(
        card(name, "1.0.0", "onnx", "model.onnx", model, signature, List.of()),
        Map.of("model.onnx", model));
  }

  private static byte[] joined(byte[] head, byte[] tail) {
    byte[] both = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, both, head.length, tail.length);
    return both;
  }

  private static byte[] tensor(String list, String name, DataType type, float value) {
    return "{\"%s\":[{\"name\":\"%s\",\"shape\":[1],\"datatype\":\"%s\",\"data\":[%s]}]}"
        .formatted(list, name, type, value)
        .getBytes(StandardCharsets.UTF_8);
  }

  ModelCard card() {
    return card;
  }

  byte[] layer() {
    return layer.clone();
  }

  String layerDigest() {
    return Digest.sha256(layer).toString();
  }

  String digest() {
    return Digest.sha256(manifest).toString();
  }

  SwapRequest request() {
    return request(null, false, false);
  }

  SwapRequest request(@Nullable Long generation, boolean allow, boolean dryRun) {
    return new SwapRequest(
        card.name() + ":" + card.version(),
        digest(),
        Base64.getEncoder().encodeToString(manifest),
        Base64.getEncoder().encodeToString(config),
        generation,
        allow,
        dryRun,
        "a test");
  }

  /// Lays the model out as it lies in an image.
  Path writeTo(Path models) throws IOException {
    for (var file : files.entrySet()) {
      Path path = models.resolve(file.getKey());
      Files.createDirectories(path.getParent());
      Files.write(path, file.getValue());
    }
    return models;
  }
}
