package dev.mlo.contract;

import java.util.List;

/// The variables that a runner reads, by who chooses them where a command starts it.
public final class RunnerVariables {
  /// A person, over the manifest's `serve`.
  public static final List<String> SETTINGS =
      List.of(
          "MLO_WORKERS",
          "MLO_QUEUE",
          "MLO_TIMEOUT_MS",
          "MLO_MAX_REQUEST_BYTES",
          "MLO_BATCH_MAX",
          "MLO_BATCH_DELAY_MS",
          "MLO_ACCESS_LOG");

  /// The command: where the runner finds what it serves, where it listens and who may ask it to
  /// swap.
  public static final List<String> SURROUNDINGS =
      List.of(
          "MLO_MODELS_DIR",
          "MLO_BACKENDS_DIR",
          "MLO_STATE_DIR",
          "MLO_HOST",
          "MLO_HTTP_PORT",
          "MLO_GRPC_PORT",
          "MLO_ADMIN_PORT",
          "MLO_ADMIN_TOKEN_FILE",
          "MLO_ADMIN_OPEN",
          "MLO_IMAGE",
          "MLO_IMAGE_DIGEST",
          "MLO_READY_FILE",
          "MLO_BOUND");

  /// How a runner ends whose variables make no sense.
  public static final int SENSELESS = 2;

  private RunnerVariables() {}
}
