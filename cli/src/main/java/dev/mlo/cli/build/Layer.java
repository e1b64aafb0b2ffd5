package dev.mlo.cli.build;

import dev.mlo.oci.Descriptor;
import dev.mlo.oci.Digest;

/// One layer of an image.
///
/// @param what for people: `jre`, `model.onnx`
/// @param descriptor with its role
/// @param reused whether its bytes were at their place already, or were linked there
public record Layer(String what, Descriptor descriptor, Digest diffId, boolean reused) {
  public String role() {
    return descriptor.annotations().getOrDefault(dev.mlo.contract.Labels.LAYER_ROLE, "");
  }
}
