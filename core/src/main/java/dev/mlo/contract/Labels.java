package dev.mlo.contract;

/// The keys under which `mlo` writes into images, each in one place.
public final class Labels {
  /// On the configuration: the model card as JSON.
  public static final String CARD = "dev.mlo.card";

  /// On a layer's descriptor: `base`, `jre`, `runner`, `backend` or `model`.
  public static final String LAYER_ROLE = "dev.mlo.layer.role";

  /// On a backend layer's descriptor: the model format its engine serves.
  public static final String LAYER_FORMAT = "dev.mlo.layer.format";

  /// On the configuration: the version of `mlo` the runner came with.
  public static final String RUNNER_VERSION = "dev.mlo.runner.version";

  /// On the configuration: the digest of the shared runner image this image stands on.
  public static final String RUNNER_DIGEST = "dev.mlo.runner.digest";

  /// On the configuration: the engines made for the shared runner image, each by the digest of its
  /// layer, `onnx=sha256:…,pmml=sha256:…`. So the digest of the image stands for them as well.
  public static final String RUNNER_ENGINES = "dev.mlo.runner.engines";

  public static final String ROLE_BASE = "base";
  public static final String ROLE_JRE = "jre";
  public static final String ROLE_RUNNER = "runner";
  public static final String ROLE_BACKEND = "backend";
  public static final String ROLE_MODEL = "model";

  /// The card's place below the model directory, and the directory of the golden examples.
  public static final String CARD_FILE = "mlops.json";

  public static final String EXAMPLES_DIRECTORY = "mlops.examples";

  private Labels() {}
}
