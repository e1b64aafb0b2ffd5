package dev.mlo.cli.build;

import dev.mlo.contract.Labels;
import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;
import dev.mlo.oci.ImageConfig;
import dev.mlo.oci.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// What a model's image for one platform stands on: the shared runner image, and the engine of the
/// model's format that was made for it.
record Stand(RunnerStore.Stored runner, RunnerStore.Engine engine) {
  Platform platform() throws IOException {
    return runner.platform();
  }

  /// The layers below the model's, in order: of the runner image, then the engine.
  List<Layer> layers(LayerPlace place) throws IOException {
    var layers = new ArrayList<Layer>();
    List<Digest> diffIds = runner.config().diffIds();
    List<Descriptor> descriptors = runner.manifest().layers();
    for (int i = 0; i < descriptors.size(); i++) {
      Descriptor layer = descriptors.get(i);
      String role = layer.annotations().getOrDefault(Labels.LAYER_ROLE, Labels.ROLE_BASE);
      layers.add(place.take(role, layer, diffIds.get(i), runner.store()));
    }
    Descriptor layer = engine.layer();
    layers.add(
        place.take(
            "engine " + layer.annotations().getOrDefault(Labels.LAYER_FORMAT, ""),
            layer,
            layer.digest(),
            runner.store()));
    return layers;
  }

  /// The configuration of an image whose lowest layers are the ones of [#layers].
  ///
  /// @param card as JSON
  ImageConfig config(String created, String card, List<Layer> all) throws IOException {
    ImageConfig config =
        runner
            .config()
            .withCreated(created)
            .withLabel(Labels.RUNNER_DIGEST, runner.image().digest().toString())
            .withLabel(Labels.CARD, card);
    for (Layer layer : all.subList(runner.manifest().layers().size(), all.size())) {
      config = config.withLayer(layer.diffId(), "mlo: " + layer.what());
    }
    return config;
  }
}
