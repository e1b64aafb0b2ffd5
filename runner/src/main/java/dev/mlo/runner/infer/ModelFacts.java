package dev.mlo.runner.infer;

import dev.mlo.contract.Serving;
import dev.mlo.contract.Signature;
import java.util.List;
import java.util.Map;

/// What the Open Inference Protocol tells of a model, in whichever form it is asked.
///
/// @param versions that are loaded, the active one first
/// @param platform engine and format: `onnx_onnxv1`
public record ModelFacts(
    Serving serving, List<String> versions, String platform, Signature signature) {
  /// What is spoken beside the protocol's core.
  public static final List<String> EXTENSIONS =
      List.of("binary_tensor_data", "model_repository", "statistics", "model_configuration");

  public ModelFacts {
    versions = List.copyOf(versions);
  }

  /// What the protocol has no field for.
  public Map<String, String> properties() {
    return Map.of("version", serving.version(), "model_digest", serving.modelDigest());
  }
}
