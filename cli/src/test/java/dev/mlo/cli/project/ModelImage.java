package dev.mlo.cli.project;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.mlo.contract.DataType;
import dev.mlo.contract.Labels;
import dev.mlo.contract.ModelCard;
import dev.mlo.contract.ServeSettings;
import dev.mlo.contract.Shape;
import dev.mlo.contract.Signature;
import dev.mlo.contract.TensorSpec;
import dev.mlo.json.Json;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.LayoutStore;
import dev.mlo.oci.Manifest;
import dev.mlo.oci.MediaTypes;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/// Images of models, as small as they can be: the documents are real, the layers are not.
public final class ModelImage {
  private ModelImage() {}

  public static Descriptor write(LayoutStore store, String name, String version)
      throws IOException {
    String card = new String(Json.compact(card(name, version)), UTF_8);
    return write(store, name, version, Map.of(Labels.CARD, card));
  }

  public static Descriptor write(
      LayoutStore store, String name, String version, Map<String, String> labels)
      throws IOException {
    Descriptor engine =
        store
            .blob(MediaTypes.LAYER_TAR, "engine".getBytes(UTF_8))
            .with(Labels.LAYER_ROLE, Labels.ROLE_BACKEND)
            .with(Labels.LAYER_FORMAT, "onnx");
    Descriptor model =
        store
            .blob(MediaTypes.LAYER_TAR, ("weights of " + name + version).getBytes(UTF_8))
            .with(Labels.LAYER_ROLE, Labels.ROLE_MODEL);
    var config = Json.object().put("architecture", "amd64").put("os", "linux");
    var said = config.putObject("config").putObject("Labels");
    labels.forEach(said::put);
    config
        .putObject("rootfs")
        .put("type", "layers")
        .putArray("diff_ids")
        .add(engine.digest().toString())
        .add(model.digest().toString());
    byte[] manifest =
        new Manifest(
                MediaTypes.MANIFEST,
                null,
                store.blob(MediaTypes.CONFIG, Json.compact(config)),
                List.of(engine, model),
                null,
                Map.of())
            .write();
    Descriptor image = Descriptor.of(MediaTypes.MANIFEST, manifest);
    store.manifest(image, manifest);
    store.tag(name + ":" + version, image);
    return image;
  }

  public static ModelCard card(String name, String version) {
    return new ModelCard(
        ModelCard.SCHEMA,
        name,
        version,
        "Tells species apart",
        "Apache-2.0",
        List.of(),
        Map.of(),
        "onnx",
        "model.onnx",
        new Signature(
            List.of(new TensorSpec("features", DataType.FP32, Shape.of(-1, 4))),
            List.of(new TensorSpec("label", DataType.INT64, Shape.of(-1)))),
        null,
        List.of(new ModelCard.File("model.onnx", 7, Digest.sha256(new byte[7]).toString())),
        Digest.sha256(version.getBytes(UTF_8)).toString(),
        List.of(),
        ServeSettings.DEFAULT,
        null);
  }
}
